"""Paying on Stripe's pages, as whoever holds a card does."""

VISA, MASTERCARD, AMEX = "4242424242424242", "5555555555554444", "378282246310005"
DECLINED = "4000000000000002"
ASKS_ONCE, ASKS_ALWAYS = "4000002500003155", "4000002760003184"


def type_payer(page):
    page.get_by_label("Full name").fill("Alice Payer")
    page.get_by_label("Address", exact=True).fill("1 Quay Street")
    page.get_by_label("Postal code").fill("10115")
    page.get_by_label("City").fill("Berlin")
    page.get_by_label("Country").select_option("Germany")


def type_card(page, number):
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry").fill("12 / 39")
    page.get_by_label("Security code").fill("123")


def start_trial(page, number):
    type_payer(page)
    type_card(page, number)
    page.get_by_role("button", name="Start trial").click()


def answer_bank(page, button):
    page.get_by_role("heading", name="Your bank wants to know that it is you").wait_for()
    page.get_by_role("button", name=button).click()

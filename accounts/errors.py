"""Everything accounts can refuse."""

from core.errors import DomainError, Forbidden, TooOften


class UnfitName(DomainError):
    code = "unfit-name"
    message = "A token's name has 1 to 100 characters."
    field = "name"


class AddressUnfit(DomainError):
    code = "address-unfit"
    message = (
        "Type an address without accents and letters of other alphabets. A domain that has some is "
        "registered in plain letters too, which begin with xn--: use those."
    )
    field = "email"


class UnknownScope(DomainError):
    code = "unknown-scope"
    message = "There is no such scope."
    field = "scopes"


class StaffStays(Forbidden):
    code = "staff-account"
    message = "This account is one of our staff's. Ask an operator to take that away first."


class AccountNeeded(DomainError):
    code = "account-needed"
    message = "Something still needs your account. What it is, and the way out, is above."


class TakenOften(TooOften):
    code = "data-taken-often"
    message = "You have downloaded your data ten times within an hour. Try again later."

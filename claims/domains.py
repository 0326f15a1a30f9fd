"""What a mail address tells of where somebody works."""

# Anybody gets an address there, so two people with one have nothing in common.
PROVIDERS = """
    aol.com att.net bellsouth.net bluewin.ch btinternet.com charter.net comcast.net cox.net
    duck.com email.com fastmail.com fastmail.fm free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com
    gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr
    hushmail.com icloud.com inbox.com laposte.net libero.it live.co.uk live.com mac.com mail.com
    mail.ru mailbox.org me.com msn.com naver.com o2.pl online.de orange.fr outlook.com outlook.de
    pm.me posteo.de posteo.net proton.me protonmail.ch protonmail.com qq.com rocketmail.com
    rediffmail.com seznam.cz sbcglobal.net sky.com t-online.de tutamail.com tutanota.com
    verizon.net virgilio.it wanadoo.fr web.de wp.pl yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com
    yahoo.de yahoo.fr yandex.com yandex.ru ymail.com zoho.com 126.com 163.com
"""
FREE_MAIL = frozenset(PROVIDERS.split())


def work_domain(email: str) -> str:
    """The domain of an address, in lower case; empty where it is one that anybody may have."""
    domain = email.rpartition("@")[2].strip().lower().rstrip(".")
    return "" if domain in FREE_MAIL else domain

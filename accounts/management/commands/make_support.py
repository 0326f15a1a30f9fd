from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.roles import end_support, make_support


class Command(BaseCommand):
    help = "Let somebody who has an account look at the support desk, or shut it to them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--act", action="store_true", help="they may also act there")
        what.add_argument("--end", action="store_true", help="take all of it away")

    def handle(self, *args: Any, email: str, act: bool, end: bool, **options: Any) -> None:
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            raise CommandError(f"{email} has no account. They sign up first, on the web.")
        if end:
            end_support(user)
            self.stdout.write(f"The support desk is shut to {user}.")
            return
        make_support(user, may_act=act)
        may = "look at everything and act" if act else "look at everything"
        self.stdout.write(f"{user} may {may} at /admin/, with a second factor.")

"""What people type about other people."""

from django import forms

from organizations.models import Role


class InviteForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address",
        help_text="Whether it has an account here or not: we send an invitation there.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Type the address of whoever you want to invite.",
            "invalid": "This is no e-mail address. It looks like name@example.com.",
        },
    )
    role = forms.ChoiceField(
        choices=Role.choices,
        initial=Role.MEMBER,
        widget=forms.RadioSelect,
        help_text="Owners may do everything, also remove you. Members look, and do what you allow.",
    )


class PermissionsForm(forms.Form):
    """What a member may do besides looking."""

    may_create_projects = forms.BooleanField(label="Create projects", required=False)
    may_run_analyses = forms.BooleanField(label="Run analyses", required=False)


class AnswerForm(forms.Form):
    """Nothing to type: pressing the button is the answer."""


class JoinForm(forms.Form):
    note = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Who you are, and what you need it for. The owners read it with your name and "
        "e-mail address.",
        error_messages={"max_length": "A note has at most 500 characters."},
    )

    def clean_note(self) -> str:
        """In one paragraph, since it is quoted."""
        return " ".join(str(self.cleaned_data["note"]).split())

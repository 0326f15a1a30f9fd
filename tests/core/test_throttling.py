"""How often a token may call, and what happens when nobody can count."""


def test_the_api_answers_while_its_counter_is_away(program_of, alice, lost):
    lost()

    response = program_of(alice).get("/api/v1/organizations")

    assert response.status_code == 200
    assert "RateLimit-Remaining" not in response.headers

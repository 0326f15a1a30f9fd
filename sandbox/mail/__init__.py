"""A mail server that delivers to a page: development mail, readable in the browser."""

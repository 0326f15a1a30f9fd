# One image for web, worker and beat; docker-compose.yml says which is which.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HASHED_STATIC=true
WORKDIR /app

# Fetches the repositories that Azure DevOps refuses to pack.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git \
    && rm -rf /var/lib/apt/lists/*

COPY requirements.txt .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt

COPY . .
# Collecting reads the settings, which want keys; these encrypt nothing and stay behind.
RUN SECRET_KEY=signs-nothing-0123456789-and-stays-behind \
    FERNET_KEYS=seals-nothing-0123456789-and-stays-behind \
    python manage.py collectstatic --noinput \
    && useradd --system --no-create-home mooring
USER mooring

EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--workers=2", "--threads=8", "--no-control-socket"]

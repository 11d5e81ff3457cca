# One image for all roles: `docker run … openpost web`, `worker`, `beat`, `release`, as the Procfile names them.
# Its root may be read-only: what is written is MEDIA_ROOT (a volume), and /tmp (a tmpfs).

FROM python:3.13.11-slim-bookworm@sha256:20080e807bfc404f8450b185cf0fc95d553462673598549613735f70a5b4d5d0 AS python
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /app

FROM python AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
# By themselves: they change less often than the code. All are wheels, so nothing has to be compiled.
COPY requirements.txt .
RUN pip install --require-hashes --only-binary :all: -r requirements.txt
COPY . .
# Static files are the same everywhere. The settings want keys all the same: these are made up here and kept nowhere.
RUN SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(48))') \
    CREDENTIAL_KEYS=1:$(python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
    DATABASE_URL=postgres://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 ALLOWED_HOSTS=localhost \
    python manage.py collectstatic --noinput
RUN python -m compileall -q .

FROM python
# Nobody who breaks in can change the code: it belongs to root, and this user to no group.
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin openpost \
    && install --directory --owner=openpost /media
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PYTHONDONTWRITEBYTECODE=1 MEDIA_ROOT=/media PORT=8000
USER 10001
EXPOSE 8000
# Of web. The other roles say in PostgreSQL that they live, and web's /readyz tells it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["bin/healthy"]
ENTRYPOINT ["bin/role"]
CMD ["web"]

# One image for the code location, the page and the daemon; docker-compose.yml picks the command.
FROM python:3.11-slim

ENV PIP_NO_CACHE_DIR=1 \
    PYTHONUNBUFFERED=1 \
    DAGSTER_HOME=/srv/dagster \
    MPLCONFIGDIR=/srv/ztrade/.ztrade/matplotlib

WORKDIR /srv/ztrade

# Dependencies first, so that a change of code reuses the layer. The pins are those that the tests ran with.
COPY pyproject.toml constraints.txt LICENSE ./
RUN mkdir ztrade_core ztrade_pipelines \
    && touch ztrade_core/__init__.py ztrade_pipelines/__init__.py \
    && pip install -c constraints.txt -e '.[alpaca,vendors,news,anthropic]'

COPY . .
RUN useradd --system --uid 10001 --home-dir /srv/ztrade ztrade \
    && install -d -o ztrade -g ztrade .ztrade /srv/dagster \
    && install -m 644 docker/dagster.yaml /srv/dagster/dagster.yaml
USER ztrade

EXPOSE 3000 4000
CMD ["dagster", "code-server", "start", "-h", "0.0.0.0", "-p", "4000", "-m", "ztrade_pipelines.definitions"]

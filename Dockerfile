# Verbatim with its models and the CPU build of PyTorch. `docker compose up -d` builds and runs it: docs/operating.md.

# The version on which the tests run.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim-bookworm AS build
# As for `make`: empty is PyTorch's CPU index first, `default` leaves the choice to pip, which brings CUDA's libraries.
ARG TORCH=""
# `cluster` adds the clients of PostgreSQL and Milvus: docker build --build-arg EXTRAS=cluster
ARG EXTRAS=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/verbatim/bin:$PATH
RUN python -m venv /opt/verbatim
WORKDIR /source
# The libraries are a layer of their own, so that a new version of the bot does not download them again.
COPY pyproject.toml ./
COPY deploy/*.py deploy/
RUN TORCH="$TORCH" python deploy/install_torch.py && python deploy/requirements.py $EXTRAS > /tmp/requirements.txt \
    && pip install -r /tmp/requirements.txt
COPY . .
RUN pip install --no-deps . && mv articles deploy/healthcheck.py /opt/verbatim/
# Headers and tests of PyTorch: 145 MB that only those who compile extensions need.
RUN rm -r /opt/verbatim/lib/python*/site-packages/torch/include /opt/verbatim/lib/python*/site-packages/torch/test
# An image that cannot read, answer and verify is not built.
RUN verbatim --data-dir /tmp/data add /opt/verbatim/articles && verbatim --data-dir /tmp/data check \
    && verbatim --data-dir /tmp/data ask "who is Han Song-il?" && pip uninstall --quiet --yes pip

FROM python:${PYTHON}-slim-bookworm
RUN useradd --uid 10001 --user-group --home-dir /var/lib/verbatim --no-create-home --shell /usr/sbin/nologin verbatim \
    && install -d -o verbatim -g verbatim -m 0700 /var/lib/verbatim /var/lib/verbatim/backups
COPY --from=build /opt/verbatim /opt/verbatim
# As for the service, all that is written is in /var/lib/verbatim, and the data in its folder `data`. Metrics are open
# inside the container; compose.yaml publishes them on loopback.
ENV PATH=/opt/verbatim/bin:$PATH PYTHONDONTWRITEBYTECODE=1 VERBATIM_HOME=/var/lib/verbatim \
    ARTICLES_DIR=/opt/verbatim/articles HF_HOME=/var/lib/verbatim/models METRICS_HOST=0.0.0.0
WORKDIR /var/lib/verbatim
VOLUME /var/lib/verbatim
USER 10001:10001
EXPOSE 9464
# The models are loaded before the bot connects; with a slow disk that takes a minute.
HEALTHCHECK --interval=30s --timeout=10s --start-period=3m CMD ["python", "/opt/verbatim/healthcheck.py"]
ENTRYPOINT ["verbatim"]

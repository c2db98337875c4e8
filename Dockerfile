# syntax=docker/dockerfile:1
# docker build -t imdb-bert .                                    the model that ships with the package
# docker build --build-arg MODEL=outputs/best_model -t mine .    a model of yours, baked in
# docker run -p 127.0.0.1:8000:8000 imdb-bert
# docker run -p 127.0.0.1:8000:8000 -v "$PWD/outputs/best_model:/model:ro" imdb-bert    or mounted

ARG PYTHON=3.12

FROM python:${PYTHON}-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /src
COPY constraints.txt ./
# the wheel for CPUs: the one on PyPI brings gigabytes for GPUs
RUN pip install -c constraints.txt --index-url https://download.pytorch.org/whl/cpu torch
COPY settings.ini setup.py MANIFEST.in README.md LICENSE ./
COPY imdb_bert ./imdb_bert
RUN pip install -c constraints.txt ".[serve,onnx]"
ARG MODEL=imdb_bert/imdb_mini_sentiment
COPY ${MODEL} /model

FROM python:${PYTHON}-slim
COPY --from=build /opt/venv /opt/venv
COPY --from=build /model /model
RUN useradd --system --uid 10001 --no-create-home serve
USER 10001
# nothing is fetched or reported when it runs, and nothing has to be written
ENV PATH=/opt/venv/bin:$PATH HF_HUB_OFFLINE=1 ORT_DISABLE_TELEMETRY=1 HF_HOME=/tmp/hf OMP_WAIT_POLICY=passive \
    PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
STOPSIGNAL SIGTERM
# options after the image's name are added; the last --model_path counts
ENTRYPOINT ["imdb_serve", "--host", "0.0.0.0", "--model_path", "/model"]

# The environment of requirements.lock in a container. Not built by CI: CI installs the same lock file directly.
#
#   docker build -t pitwall .
#   docker run --rm -v "$PWD":/project pitwall pitwall doctor
#
# The project itself is mounted, not copied: git, DVC and the run store belong to it and outlive the container. The system's
# Python is the one of .python-version; nothing needs a GPU (PyTorch trains small networks on the CPU).
FROM python:3.11-slim
RUN apt-get update && apt-get install --yes --no-install-recommends git && rm -rf /var/lib/apt/lists/*
RUN git config --system --add safe.directory /project
COPY requirements.lock /tmp/requirements.lock
RUN pip install --no-cache-dir -r /tmp/requirements.lock
ENV PYTHONPATH=/project/src:/project PITWALL_HOME=/project OMP_NUM_THREADS=1
RUN printf '#!/bin/sh\nexec python -c "from pitwall.cli import main; main()" "$@"\n' > /usr/local/bin/pitwall \
  && chmod +x /usr/local/bin/pitwall
WORKDIR /project
CMD ["pitwall", "--help"]

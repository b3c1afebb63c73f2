# Reellog on a PostgreSQL of its own in /data, or, where DATABASE_URL is set, on another.

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The project's own `prepare` would build what is not here; `npm rebuild` runs the dependencies' install scripts.
RUN npm ci --omit=dev --ignore-scripts && npm rebuild

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
RUN npm ci --ignore-scripts
COPY src ./src
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production
ENV HOST=0.0.0.0
ENV PORT=8080
ENV REELLOG_DATA_DIR=/data
# Names a user id that has none here (`docker run --user`, OpenShift), without which PostgreSQL makes no database.
RUN apt-get update \
  && apt-get install -y --no-install-recommends libnss-wrapper \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json ./
COPY migrations ./migrations
COPY samples ./samples
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# `docker exec <container> reellog …` runs the command line beside the service.
RUN chmod +x dist/infra/cli/main.js \
  && ln -s /app/dist/infra/cli/main.js /usr/local/bin/reellog \
  # For whichever user id; the database's own folder in it is its user's alone.
  && mkdir -m 1777 /data \
  && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
# Whether the process lives. /readyz would have an orchestrator restart it while the database is away, for nothing.
HEALTHCHECK --interval=10s --timeout=5s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=64", "dist/infra/cli/main.js", "serve"]

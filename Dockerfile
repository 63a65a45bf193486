# One image with the three services, which belong together: their messages and their database are of one version. What runs is the command:
# FeedIngest.dll, PhotoWorker.dll or ListingNotifier.dll; or imagepipe.dll, for what operations do beside them.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
ARG TARGETARCH
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY contracts contracts
COPY storage storage
COPY services services
COPY cli cli
# For one architecture: the image library comes for all of them otherwise. Started by dotnet itself, so that no host program has to be fetched.
RUN --mount=type=cache,target=/root/.nuget/packages \
    set -e; for service in FeedIngest PhotoWorker ListingNotifier; do \
        dotnet publish "services/$service" -c Release -a "$TARGETARCH" --no-self-contained -p:UseAppHost=false -o /app --nologo -v quiet; \
    done; \
    dotnet publish cli -c Release -a "$TARGETARCH" --no-self-contained -p:UseAppHost=false -o /app --nologo -v quiet

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble
# A volume that is mounted here for the first time takes on this owner.
RUN mkdir /photos && chown "$APP_UID:$APP_UID" /photos
COPY --from=build /app /app
WORKDIR /app
USER $APP_UID
ENV ASPNETCORE_HTTP_PORTS=8080
EXPOSE 8080
# By the shell alone: the image has no curl, and needs none.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["dotnet"]

using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Paas.Client;

namespace Paas.Cli;

/// <summary>A platform with one app, "shop", that remembers what it was asked.</summary>
internal sealed class CliBenchRoutes
{
    private static readonly DateTimeOffset At = CliBench.At;
    private int _logConnections;

    public List<string> Requests { get; set; } = [];

    public async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var asked = $"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}";
        var body = http.WebSockets.IsWebSocketRequest ? "" : await reader.ReadToEndAsync();
        Requests.Add($"{asked} {body}".TrimEnd());
        if (http.Request.Headers.Authorization != "Bearer secret")
        {
            await SayAsync(http, 401, new Problem(401, "Unauthorized", "Sign in.", "unauthorized"));
            return;
        }

        var host = $"http://{http.Request.Host}";
        var app = new AppView("shop", "live", "Live: v3, 2 of 2 web", $"{host}/git/shop.git", "http://shop.localhost", ["shop.localhost"], 3, new AppSettings("main", null, 60, 30, 10, 900, false), At);
        if (asked == "POST /api/v1/apps/shop/builds")
        {
            Requests[^1] = asked;
            http.Response.ContentType = "text/event-stream";
            foreach (var item in (LocalBuildEvent[])[new() { Line = "-----> Building" }, new() { Line = "       npm ci" }, new() { Build = Build(9, "built") }])
            {
                await http.Response.WriteAsync($"event: build\ndata: {Json(item)}\n\n");
            }

            return;
        }

        object? answer = (asked.Replace("/api/v1", "", StringComparison.Ordinal) is var path && path.Contains("/registry/", StringComparison.Ordinal) ? path.Split('?')[0] : path) switch
        {
            "GET /whoami" => new WhoAmI("ada", "main", "cli"),
            "GET /tokens" => new[] { new TokenView("cli", At, null) },
            "GET /registry/tokens" => new[] { new RegistryTokenView("ci", "robot", ["hello", "hello/*"], ["pull", "push"], At, At.AddYears(50), null) },
            "POST /registry/tokens" => new CreatedRegistryToken("ci", "paasr_new", http.Request.Host.Value!, null),
            "POST /tokens" => new CreatedToken("ci", "paas_new"),
            "POST /signin-links" => new SignInLinkView($"{host}/signin/code", At),
            "GET /sessions" => new[] { new SessionView(3, "Firefox on Linux", "192.0.2.1", "link", At, At, false) },
            "DELETE /sessions" or "DELETE /sessions/3" => "",
            "GET /apps" => new[] { app },
            "POST /apps" or "GET /apps/shop" or "PATCH /apps/shop" => app,
            "DELETE /apps/shop" or "DELETE /tokens/ci" or "DELETE /registry/tokens/ci" or "DELETE /apps/shop/domains/a.example" => "",
            "GET /apps/shop/instances" => new[] { new InstanceView("web.1", "web", 3, "live", "Live for 4 min", At, 0, 41.5, 512) },
            "GET /apps/shop/formation" => new[] { new FormationView("web", 2, 512, 512, 1024, null), new FormationView("worker", 0, 512, 512, 1024, null) },
            "PATCH /apps/shop/formation" or "PATCH /apps/shop/config" or "POST /apps/shop/rollback" or "POST /apps/shop/restart" => new ChangeView(4, "Live: v4."),
            "GET /apps/shop/config" => new[] { new ConfigVarView("KEY", null, "all", false), new ConfigVarView("MODE", "fast", "run", true) },
            "POST /apps/shop/config/reveal" => new[] { new ConfigVarView("KEY", "hidden", "all", false) },
            "GET /apps/shop/domains" => new[] { new DomainView("shop.localhost", "http://shop.localhost", true) },
            "POST /apps/shop/domains" => new DomainView("a.example", "http://a.example", false),
            "GET /apps/shop/deploys" => new[] { Deploy(4, null), Deploy(3, At) },
            "POST /apps/shop/deploys" => Deploy(3, null),
            "DELETE /apps/shop/followed-image" or "DELETE /registry-credentials/ghcr.io" => "",
            "GET /registry-credentials" => new[] { new RegistryLoginView("ghcr.io", "me", "ada", At) },
            "PUT /registry-credentials/ghcr.io" or "PUT /registry-credentials/127.0.0.1%3A5000" or "PUT /registry-credentials/127.0.0.1:5000" => new RegistryLoginView("ghcr.io", "me", "ada", At),
            "GET /apps/shop/deploys/3" => Deploy(3, _logConnections == 1 ? null : At),
            "POST /apps/shop/deploys/4/cancel" => Deploy(4, At),
            "GET /apps/shop/builds?limit=25" => new[] { Build(4, "running"), Build(3, "built") },
            "GET /apps/shop/builds/3" => Build(3, "failed"),
            "POST /apps/shop/builds/4/cancel" => Build(4, "running"),
            "GET /builds/cache" => new BuildCachesView([Cached], 5L << 30, 20L << 30),
            "DELETE /apps/shop/builds/cache" => Cached,
            "GET /apps/shop/releases" => new[] { Release },
            "GET /apps/shop/releases/3" => Release,
            "GET /apps/shop/releases/3/changes" => new ReleaseChanges(2, 3, true, [new("PORT_X", "changed")], [new("worker", null, "work")], new CodeChanges(
                new string('a', 40), new string('b', 40), [new CommitView(new string('b', 40), "ada", At, "Fix it")], [], [new FileChange("logo.png", null, null), new FileChange("app.js", 3, 1)], 2, null)),
            "GET /registry/repositories" => new[] { Repository },
            "PATCH /registry/repositories/team/app" => Repository,
            "GET /registry/tags/shop" or "GET /registry/tags/team/app" => new[] { new TagView("1.0", Image, "image", 52_428_800, At, [7, 6], true) },
            "GET /registry/manifests/team/app" => Manifest,
            "GET /registry/usage" => new RegistryUsageView("registry.localhost", 1, 52_428_800, 1L << 30, 4L << 30) { Apps = [new AppUsageView("hello", 52_428_800, 31_457_280, 104_857_600)] },
            "POST /registry/collections" => new CollectionView(
                true, At, At, "done", "Would remove 1 tag and 1 blob, 50 MB in all.", 52_428_800, [new("tag", 1, 0), new("blob", 1, 52_428_800)], new(2, 2_048, At),
                [new("tag", "team/app", "0.9", 0, "team/app keeps the newest 10 tags"), new("blob", null, Image, 52_428_800, "nothing needs it")]),
            "GET /stack" => new StackView(
                Image, Image, "Debian 13 (trixie)", At, [new("nginx", "2", "run image", null, null)], 201,
                [new("shop", "older", 3, Image, null), new("site", "current", 2, Image, null), new("new", "other", null, null, "Nothing has been deployed yet.")], null, Schedule),
            "GET /stack/plan" or "GET /stack/plan?offline=true" => new StackPlanView(
                true, "1 package is newer; 1 app would be rebased and rolled out.", [new("run", "nginx", "1", "2")],
                [new("shop", "rebase", 3, null), new("fixed", "refused", 1, "The image is marked as not rebasable.")]),
            "POST /stack/updates" => Update("running"),
            "GET /stack/updates/7" => Update("failed"),
            "GET /stack/updates?limit=1" => new[] { Update("failed") },
            "GET /stack/schedule" or "PUT /stack/schedule" => Schedule,
            "GET /releases/containing?package=openssl" => new ContainingView(
                "openssl", null, [new("shop", 3, true, "libssl3t64", "3.5.1", "run image"), new("shop", 2, false, "libssl3t64", "3.5.0", "run image")], [new("old", 1, "Its image was removed by retention.")]),
            "GET /apps/shop/releases?limit=200" => new[] { Release },
            "GET /apps/shop/releases/3/sbom" => JsonDocument.Parse("{\"bomFormat\":\"CycloneDX\"}").RootElement,
            "DELETE /registry/repositories/team/app" or "DELETE /registry/manifests/team/app" => "",
            "GET /buildpacks" or "POST /buildpacks" or "POST /buildpacks/upload?name=pack" or "POST /buildpacks/upload?name=pack.cnb" => new[]
            {
                new BuildpackView("acme/part", "1.0.0", "0.10", false, false) { Source = "pack.cnb", Pinned = $"sha256:{new string('c', 64)}", Apps = ["shop"] },
                new BuildpackView("acme/hello", "1.2.3", "0.10", false, true) { Source = "https://example.com/hello", Pinned = new string('a', 40), Apps = [] },
            },
            "DELETE /buildpacks/acme/hello@1.2.3" or "DELETE /buildpacks/acme/hello%401.2.3" => "",
            "GET /apps/shop/bindings" => new[] { Bound },
            "PUT /apps/shop/bindings/ca" => Bound,
            "DELETE /apps/shop/bindings/ca" => "",
            "GET /status" => new StatusView("1.0", "live", "All well", 1, 2, "native", "crun", [], At),
            _ => null,
        };
        if (http.Request.Path.Value!.EndsWith("/log", StringComparison.Ordinal))
        {
            await LogAsync(http);
        }
        else if (http.Request.Path.Value!.EndsWith("/logs", StringComparison.Ordinal))
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync($"id: 1\nevent: line\ndata: {Json(new LogLineView("v3.web.1:1:1:1", At, "web.1", 3, false, "hello \e[32mgreen\e[2J"))}\n\n");
        }
        else if (http.WebSockets.IsWebSocketRequest)
        {
            await EchoAsync(http);
        }
        else if (answer is "")
        {
            http.Response.StatusCode = 204;
        }
        else
        {
            await SayAsync(http, answer is null ? 404 : 200, answer ?? new Problem(404, "Not Found", "There is no app 'nope'. Create it with: paas apps create nope", "app_not_found"));
        }
    }

    private static StackScheduleView Schedule => new(true, "sunday", 4, "UTC", At);

    private static StackUpdateView Update(string state) => new(
        7, state, state == "running" ? "rollout" : null, "ada", At, state == "running" ? null : At, state == "running" ? null : "Rebased 1 app; 1 app failed and keeps its old release.",
        Image, Image, [new("run", "nginx", "1", "2")],
        [new("bad", "failed", 1, null, "v2 did not come up."), new("shop", "rebased", 3, 4, "v4 is live")],
        state == "running" ? ["1 package is newer:"] : ["1 package is newer:", "  run image: nginx 1 -> 2"], 0.01);

    private static BindingView Bound => new("ca", "ca-certificates", null, ["ca.pem"], "ada", At);

    private static string Image => $"sha256:{new string('c', 64)}";

    private static RepositoryView Repository => new("team/app", "registry.localhost/team/app", null, true, 1, 52_428_800, 1_048_576, At, new RetentionView(10, null, "v*"), At);

    private static ManifestView Manifest => new(
        "team/app", $"registry.localhost/team/app@{Image}", Image, "application/vnd.oci.image.manifest.v1+json", "image", null, 500, 52_428_800, At, ["1.0", "latest"], [7], true,
        new ManifestConfigView("application/vnd.oci.image.config.v1+json", Image, 100, "linux/amd64", At, "1000", "/workspace", ["/cnb/process/web"], []),
        [new LayerView($"sha256:{new string('d', 64)}", "application/vnd.oci.image.layer.v1.tar", 52_428_800, null, "paas/nodejs 0.1.0", "node_modules")],
        [],
        [new ReferrerView($"sha256:{new string('e', 64)}", "application/spdx+json", "SBOM", 2_048, At, null)],
        null,
        new Dictionary<string, string>())
    { Raw = "{\"schemaVersion\":2}" };

    private static ReleaseView Release => new(3, true, true, "Deploy 1234567", "sha256:ab", "1234567890abcdef", "ada", new Dictionary<string, string> { ["web"] = "node ." }, ["KEY"], At);

    private static DeployView Deploy(int number, DateTimeOffset? ended) =>
        new(number, "push", ended is null ? "building" : "live", "Live: v3.", "1234567890abcdef", "Say hello", "main", "ada", [new PhaseView("build", 1.44)], At, ended);

    /// <summary>Ends after its first line once, as when the platform restarts in the middle of the deploy.</summary>
    private async Task LogAsync(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        var from = int.Parse(http.Request.Headers["Last-Event-ID"].FirstOrDefault() ?? "0", null) + 1;
        var broken = ++_logConnections == 1;
        for (var line = from; line <= (broken ? 1 : 3); line++)
        {
            await http.Response.WriteAsync($"id: {line}\nevent: line\ndata: {Json(new DeployLogLine(line, At, "build", $"line {line}"))}\n\n");
        }
    }

    private static async Task EchoAsync(HttpContext http)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), default);
        var command = JsonSerializer.Deserialize<RunCommand>(buffer.AsSpan(0, received.Count), JsonSerializerOptions.Web)!;
        await socket.SendAsync(new ReadOnlyMemory<byte>([2, .. Encoding.UTF8.GetBytes(string.Join('|', command.Args))]), WebSocketMessageType.Binary, true, default);
        while ((received = await socket.ReceiveAsync(buffer.AsMemory(), default)).Count > 1)
        {
            await socket.SendAsync(new ReadOnlyMemory<byte>([1, .. buffer[1..received.Count]]), WebSocketMessageType.Binary, true, default);
        }

        await socket.SendAsync(Encoding.UTF8.GetBytes(Json(new RunEnded(7, null))), WebSocketMessageType.Text, true, default);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
    }

    private static async Task SayAsync(HttpContext http, int status, object answer)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = answer is Problem ? "application/problem+json" : "application/json";
        await http.Response.WriteAsync(Json(answer));
    }

    private static string Json(object value) => JsonSerializer.Serialize(value, value.GetType(), JsonSerializerOptions.Web);

    private static readonly BuildCacheView Cached = new("shop", 300 << 20, 2L << 30, At, [new CachedLayerView("paas/node:modules", 300 << 20)]);

    private static BuildView Build(int number, string state) => new(
        number, "push", state, "1234567890abcdef", [new("detect", 250), new("build", state == "running" ? null : 1500)], At, state == "running" ? null : At.AddSeconds(2))
    {
        Buildpacks = [new("paas/node", "1.0.0")],
        Layers = [new("paas/node:modules", "buildpack", Image, Image, 52_428_800, true, true), new("app", "app", Image, Image, 2048, false, false)],
        Report = state == "built" ? new BuildReportView(Image, 900) : null,
        Failure = state == "failed" ? new BuildFailureView("build_failed", "npm could not install the packages.", "paas/node", "build", 3, ["npm ERR! 404"]) : null,
    };
}

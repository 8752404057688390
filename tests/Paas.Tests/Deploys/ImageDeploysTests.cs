using System.Net;
using System.Text.Json;
using Paas.Activity;
using Paas.Client;
using Paas.Engine;
using Paas.Oci;
using Paas.Registry;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>Pushes of images, and what becomes of them.</summary>
public sealed class ImageDeploysTests : IAsyncLifetime
{
    private ImageLab _lab = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _lab = await ImageLab.StartAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task A_push_makes_a_release_that_runs_as_the_image_says()
    {
        var digest = await _lab.PushAsync("hello", "main", "a", new RunConfig { Entrypoint = ["/serve"], Cmd = ["--fast", "two words"], ExposedPorts = Ports("3000/tcp", "53/udp") });
        var deploy = await _lab.EndedAsync(1);
        Assert.Equal(("image", "live", "Image hello:main"), (deploy.Cause, deploy.State, deploy.Message));
        Assert.Equal(["fetch", "unpack", "start", "route"], deploy.Phases.Select(phase => phase.Name));
        var release = _lab.Release(1);
        Assert.Equal(digest, release.Image);
        Assert.Equal("/serve --fast 'two words'", release.Processes["web"]);
        var spec = Assert.Single(_lab.Paas.Engine.Specs);
        Assert.Equal((null, 3000, "3000"), (spec.Entrypoint, spec.Port, spec.Env["PORT"]));
        var log = await _lab.LogAsync(1);
        Assert.Contains("Port 3000, which the image exposes.", log, StringComparison.Ordinal);
        Assert.Contains("The image runs as root: that is root inside the instance only", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_image_can_be_pulled_by_its_release_and_as_latest_and_that_deploys_nothing()
    {
        var digest = await _lab.PushAsync("hello", "main", "a");
        await _lab.EndedAsync(1);
        foreach (var tag in new[] { "v1", "latest", "main" })
        {
            using var answer = await _lab.Paas.Api.GetAsync($"/v2/hello/manifests/{tag}", Cancelled);
            Assert.Equal(digest.ToString(), answer.Headers.GetValues("Docker-Content-Digest").Single());
        }

        Assert.Single(_lab.Deploys());
    }

    [Fact]
    public async Task The_same_image_under_another_tag_is_not_deployed_twice()
    {
        await _lab.PushAsync("hello", "main", "a");
        await _lab.EndedAsync(1);
        await _lab.PushAsync("hello", "latest", "a");
        await LiveApp.UntilAsync(() => _lab.Get<ActivityLog>().OfApp(_lab.App.Id, 50).Any(item => item.Text == "Pushed hello:latest, which serves already as v1."));
        Assert.Single(_lab.Deploys());
    }

    [Fact]
    public async Task Of_pushes_that_wait_the_newest_is_deployed()
    {
        var turn = await _lab.Get<DeployQueue>().TakeAsync(_lab.App.Id, null, Cancelled);
        await _lab.PushAsync("hello", "one", "a");
        await _lab.PushAsync("hello", "two", "b");
        var last = await _lab.PushAsync("hello", "three", "c");
        await turn.DisposeAsync();
        await _lab.EndedAsync(1);
        await LiveApp.UntilAsync(() => _lab.Get<ImagePushes>().Waiting().Count == 0);
        Assert.Equal(last, _lab.Release(1).Image);
        Assert.Single(_lab.Deploys());
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v007")]
    public async Task Tags_that_name_releases_are_the_platforms_alone(string tag)
    {
        var manifest = """{"schemaVersion":2,"layers":[]}"""u8.ToArray();
        using var answer = await _lab.TryManifestAsync("hello", tag, manifest, MediaTypes.Manifest);
        Assert.Equal("403 DENIED", await answer.Error());
        using var again = await _lab.TryManifestAsync("hello", tag, manifest, MediaTypes.Manifest);
        Assert.Contains($"The tag '{tag}' names a release, and only the platform makes those: push any other tag", await again.Sentence(), StringComparison.Ordinal);
        await _lab.PushAsync("hello/worker", tag, "a");
        await _lab.PushAsync("alone", tag, "a");
    }

    [Fact]
    public async Task Parts_and_signatures_and_charts_deploy_nothing()
    {
        await _lab.PushAsync("hello/worker", "main", "a");
        var config = await _lab.BlobAsync("hello", "{}"u8.ToArray(), MediaTypes.Empty);
        var chart = new Manifest { ArtifactType = "application/vnd.example", Config = config, Layers = [config] };
        await _lab.ManifestAsync("hello", "chart", JsonSerializer.SerializeToUtf8Bytes(chart, OciJson.Canonical.Manifest), MediaTypes.Manifest);
        var signature = chart with { ArtifactType = null, Config = config with { MediaType = MediaTypes.Config } };
        await _lab.ManifestAsync("hello", $"sha256-{new string('a', 64)}.sig", JsonSerializer.SerializeToUtf8Bytes(signature, OciJson.Canonical.Manifest), MediaTypes.Manifest);
        await _lab.PushAsync("hello", "main", "a");
        Assert.Equal("Image hello:main", (await _lab.EndedAsync(1)).Message);
        Assert.Single(_lab.Deploys());
    }

    [Fact]
    public async Task An_image_for_another_machine_is_refused_in_words()
    {
        await _lab.PushAsync("hello", "main", [TempStore.Layer(TarEntryTo.File("a"))], bend: config => config with { Architecture = "s390x" });
        var deploy = await _lab.EndedAsync(1);
        Assert.Equal("failed", deploy.State);
        Assert.Equal($"hello:main is for linux/s390x, but this server runs linux/{Images.Architecture}: build it for that (docker build --platform linux/{Images.Architecture}) and push it again. Nothing serves yet.", deploy.Sentence);
        Assert.Equal(("The image could not be had", "fetch"), (deploy.Failure!.Title, deploy.Failure.Phase));
    }

    [Fact]
    public async Task Of_an_index_this_machines_image_is_deployed_and_latest_stays_the_index()
    {
        var mine = await _lab.PushAsync("hello/x", "mine", "a");
        var index = await IndexAsync("hello", "main", (Images.Architecture, await CopyAsync("hello/x", "hello", mine)));
        Assert.Equal("live", (await _lab.EndedAsync(1)).State);
        Assert.Equal((mine, index.ToString()), (_lab.Release(1).Image, _lab.Release(1).Run!.Digest));
        using var latest = await _lab.Paas.Api.GetAsync("/v2/hello/manifests/latest", Cancelled);
        Assert.Equal(index.ToString(), latest.Headers.GetValues("Docker-Content-Digest").Single());
    }

    [Fact]
    public async Task An_index_without_this_machines_image_says_which_there_are()
    {
        var other = await _lab.PushAsync("hello/x", "mine", "a");
        await IndexAsync("hello", "main", ("s390x", other), ("riscv64", other));
        Assert.Contains($"hello:main has no image for linux/{Images.Architecture}, which this server is: it has linux/s390x, linux/riscv64. Build it for that too", (await _lab.EndedAsync(1)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_does_not_reach_another_repositorys_image()
    {
        var theirs = _lab.Paas.OtherTeam("others");
        await ImageLab.CreateAsync("theirs", theirs);
        var secret = await _lab.PushAsync("theirs", "main", [TempStore.Layer(TarEntryTo.File("secret"))], api: theirs);
        await IndexAsync("hello", "main", (Images.Architecture, secret));
        Assert.Contains("that was not pushed with it", (await _lab.EndedAsync(1)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_strangers_diff_id_does_not_open_the_strangers_files()
    {
        var theirs = _lab.Paas.OtherTeam("others");
        await ImageLab.CreateAsync("theirs", theirs);
        var secret = TempStore.Layer(TarEntryTo.File("secret", "their secret"));
        await _lab.PushAsync("theirs", "main", [secret], api: theirs);
        await _lab.EndedAsync(1, "theirs");

        var mine = TempStore.Layer(TarEntryTo.File("mine"));
        await _lab.PushAsync("hello", "main", [mine with { DiffId = secret.DiffId }]);
        var deploy = await _lab.EndedAsync(1);
        Assert.Equal("failed", deploy.State);
        Assert.Contains("A layer is not what the image's config says of it.", deploy.Sentence, StringComparison.Ordinal);
        Assert.Equal("The image cannot be run", deploy.Failure!.Title);

        // Who has the bytes may use them, and they are read once.
        await _lab.PushAsync("hello", "honest", [secret]);
        Assert.Equal("live", (await _lab.EndedAsync(2)).State);
    }

    [Fact]
    public async Task A_config_that_speaks_of_other_layers_is_refused()
    {
        var layer = TempStore.Layer(TarEntryTo.File("a"));
        await _lab.PushAsync("hello", "main", [layer], bend: config => config with { RootFs = new RootFs { DiffIds = [layer.DiffId, layer.DiffId] } });
        Assert.Contains("hello:main has 1 layers, but its config speaks of 2", (await _lab.EndedAsync(1)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_says_nothing_of_what_to_run_is_refused()
    {
        await _lab.PushAsync("hello", "main", "a", new RunConfig());
        Assert.Contains("The image does not say what to run: give it an ENTRYPOINT or a CMD.", (await _lab.EndedAsync(1)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_health_check_of_the_image_is_told_with_its_words()
    {
        await _lab.Paas.Api.PatchAsJsonAsync("/api/v1/apps/hello", new UpdateApp { HealthTimeout = 1 }, Cancelled).ReadAsync<AppView>(HttpStatusCode.OK);
        IReadOnlyList<string>? ran = null;
        _lab.Paas.Engine.OnExec = async (_, args, streams, token) =>
        {
            ran = args;
            await streams.Error!.WriteAsync("warming up\nno database\n"u8.ToArray(), token);
            return new ExitInfo(3, DateTimeOffset.UnixEpoch, null);
        };
        await _lab.PushAsync("hello", "main", "a", new RunConfig { Cmd = ["/serve"], Healthcheck = new HealthcheckConfig { Test = ["CMD-SHELL", "check --now"] } });
        var deploy = await _lab.EndedAsync(1);
        Assert.Equal("failed", deploy.State);
        Assert.Contains("The health check of the image (HEALTHCHECK) ends with exit 3 in web.1: no database (after 1 s)", deploy.Sentence, StringComparison.Ordinal);
        Assert.Equal(["/bin/sh", "-c", "check --now"], ran);
    }

    [Fact]
    public async Task A_health_check_is_asked_until_it_passes()
    {
        var asked = 0;
        _lab.Paas.Engine.OnExec = (_, _, _, _) => Task.FromResult(new ExitInfo(Interlocked.Increment(ref asked) == 1 ? 1 : 0, DateTimeOffset.UnixEpoch, null));
        await _lab.PushAsync("hello", "main", "a", new RunConfig { Cmd = ["/serve"], Healthcheck = new HealthcheckConfig { Test = ["CMD", "check"] } });
        Assert.Equal("live", (await _lab.EndedAsync(1)).State);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Config_rollback_and_restart_keep_what_the_image_says()
    {
        var first = await _lab.PushAsync("hello", "main", "a", new RunConfig { Cmd = ["/serve"], ExposedPorts = Ports("3000/tcp", "9000/tcp") });
        await _lab.EndedAsync(1);
        Assert.Contains("The image exposes the ports 3000, 9000: requests go to 3000. Another: paas config set PORT=<number>", await _lab.LogAsync(1), StringComparison.Ordinal);
        await _lab.PushAsync("hello", "main", "b");
        await _lab.EndedAsync(2);
        await _lab.Paas.Api.PostAsJsonAsync("/api/v1/apps/hello/rollback", new RollBack(1), Cancelled).ReadAsync<ChangeView>(HttpStatusCode.OK);
        Assert.Equal(first, _lab.Release(3).Image);
        Assert.Contains(_lab.Paas.Engine.Specs, spec => spec is { Key.Release: 3, Entrypoint: null, Port: 3000 });
        await _lab.Paas.Api.PatchAsJsonAsync("/api/v1/apps/hello/config", new UpdateConfig(new Dictionary<string, string?> { ["PORT"] = "9000" }), Cancelled).ReadAsync<ChangeView>(HttpStatusCode.OK);
        Assert.Contains(_lab.Paas.Engine.Specs, spec => spec is { Key.Release: 4, Port: 9000 } && spec.Env["PORT"] == "9000");
    }

    [Fact]
    public async Task What_was_pushed_before_a_restart_is_deployed_after_it()
    {
        var digest = await _lab.PushAsync("hello/x", "main", "a");
        var copied = await CopyAsync("hello/x", "hello", digest);
        _lab.Get<ImagePushes>().Add(_lab.App.Id, new PushedImage(_lab.App.TeamId, _lab.App.Id, "", Tag.Parse("main"), copied, "ada"));
        await using var again = ActivatorUtilities.CreateInstance<Anew>(_lab.Paas.Services);
        await again.Deploys.StartAsync(Cancelled);
        var deploy = await _lab.EndedAsync(1);
        Assert.Equal(("live", "ada"), (deploy.State, deploy.Actor));
        await again.Deploys.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task An_image_of_buildpacks_keeps_its_process_types()
    {
        const string metadata = """{"processes":[{"type":"web","command":["node"],"args":["a.js"]},{"type":"worker","command":"bin/work","direct":true},{"type":"Odd_One","command":["x"]}]}""";
        await _lab.PushAsync("hello", "main", "a", new RunConfig { User = "1000:1000", Entrypoint = ["/cnb/process/web"], Labels = new Dictionary<string, string> { ["io.buildpacks.build.metadata"] = metadata } });
        await _lab.EndedAsync(1);
        Assert.Equal(("node a.js", "bin/work"), (_lab.Release(1).Processes["web"], _lab.Release(1).Processes["worker"]));
        Assert.Contains(_lab.Paas.Engine.Specs, spec => spec.Key.Type == "worker" && spec.Entrypoint is ["/cnb/process/worker"]);
        var log = await _lab.LogAsync(1);
        Assert.Contains("process type 'Odd_One' is left out", log, StringComparison.Ordinal);
        Assert.DoesNotContain("runs as root", log, StringComparison.Ordinal);
    }

    private static Dictionary<string, EmptyObject> Ports(params string[] ports) => ports.ToDictionary(port => port, _ => new EmptyObject());

    private async Task<Digest> IndexAsync(string repository, string tag, params (string Architecture, Digest Digest)[] images)
    {
        var index = new ImageIndex
        {
            Manifests = [.. images.Select(item => new Descriptor { MediaType = MediaTypes.Manifest, Digest = item.Digest, Size = 1, Platform = new Platform { Os = "linux", Architecture = item.Architecture } })],
        };
        return await _lab.ManifestAsync(repository, tag, JsonSerializer.SerializeToUtf8Bytes(index, OciJson.Canonical.ImageIndex), MediaTypes.Index);
    }

    /// <summary>By digest alone, which is no wish to deploy.</summary>
    private async Task<Digest> CopyAsync(string from, string to, Digest digest)
    {
        var content = await _lab.Paas.Api.GetByteArrayAsync($"/v2/{from}/manifests/{digest}", Cancelled);
        var manifest = JsonSerializer.Deserialize(content, OciJson.Canonical.Manifest)!;
        foreach (var blob in manifest.Layers.Append(manifest.Config))
        {
            using var mounted = await _lab.Paas.Api.PostAsync($"/v2/{to}/blobs/uploads/?mount={blob.Digest}&from={from}", null, Cancelled);
            Assert.Equal(HttpStatusCode.Created, mounted.StatusCode);
        }

        return await _lab.ManifestAsync(to, digest.ToString(), content, MediaTypes.Manifest);
    }

    /// <summary>The loop as a new control would start it.</summary>
    private sealed class Anew(IServiceProvider services) : IAsyncDisposable
    {
        public ImageDeploys Deploys { get; } = ActivatorUtilities.CreateInstance<ImageDeploys>(services);

        public ValueTask DisposeAsync()
        {
            Deploys.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

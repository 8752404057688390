using System.Globalization;
using Paas.Apps;
using Paas.Buildpacks;
using Paas.Engine.Native;
using Paas.Oci;
using Paas.State;

namespace Paas.Builds.Dockerfiles;

/// <summary>Builds a source as its Dockerfile says: control fetches the images that it names, buildah runs the steps in sandboxes, control takes the
/// image in. The other way beside buildpacks.</summary>
public sealed class DockerfileBuild(
    BuildsOptions options, PlatformHome home, Stacks stacks, PackageHosts packageHosts, DockerfileCache cache, FetchBaseImage fetch, BlobStore blobs, Images images, Sandbox sandbox)
{
    /// <summary>What of buildah's words the verdict says better.</summary>
    private static readonly string[] Superfluous = ["Error: building at STEP ", "subprocess exited with status ", "Successfully tagged localhost/", "COMMIT localhost/"];

    /// <summary>buildah's advice for an ARG without a value: it speaks of options that nobody has here, and most such ARGs need none.</summary>
    private const string MissingArgument = "build argument. Try adding";

    /// <param name="id">"hello.7".</param>
    /// <param name="log">Takes each line and each phase.</param>
    /// <param name="isTimeUp">Whether the token ended it because of the app's limit.</param>
    /// <param name="cancellationToken">Kills the build.</param>
    /// <returns>Null: no Dockerfile builds this source; nothing was said.</returns>
    /// <exception cref="BuildFailureException">It cannot begin.</exception>
    internal async Task<BuildResult?> TryRunAsync(
        string id, App app, Source source, IReadOnlyList<ConfigVar> config, IBuildLog log, Func<bool> isTimeUp, CancellationToken cancellationToken)
    {
        if (DockerfileChoice.Of(app, source) is not { } choice)
        {
            return null;
        }

        log.Phase("prepare");
        log.Line(choice.Because);
        if (File.Exists(Path.Combine(source.Directory, "Procfile")))
        {
            log.Line("The Procfile has no effect beside a Dockerfile, whose ENTRYPOINT and CMD are the web process.");
        }

        var dockerfile = DockerfileReader.Read(choice.Path, choice.Text, DockerfileArguments.Plain(config));
        var (_, build) = await stacks.ReadAsync(cancellationToken);
        var (host, reach) = await packageHosts.ReadAsync(log.Line, cancellationToken);
        var arguments = DockerfileArguments.Of(dockerfile, config, host);
        foreach (var note in arguments.Notes)
        {
            log.Line(note);
        }

        var bases = await FetchAsync(app, dockerfile, log, cancellationToken);
        using var uses = new Uses([.. bases.Values.Select(image => images.Uses.Begin(image.Image.Digest))]);
        var spec = new DockerfileSandboxSpec
        {
            Id = id,
            AppId = app.Id,
            Image = build.Digest,
            Source = source.Directory,
            Secrets = arguments.Secrets,
            Host = host,
            Reach = reach,
            Options = options,
            Cache = cache,
            DiskRoot = home.Builds,
            SecretsRoot = Path.Combine(home.Run, "builds"),
        };
        await using var place = await DockerfileSandbox.CreateAsync(sandbox, spec, cache, cancellationToken);
        try
        {
            await new DockerfileBases(blobs).BringAsync(place, dockerfile, bases, cancellationToken);
            return await BuildAsync(place, dockerfile, arguments, bases, log, cancellationToken);
        }
        catch (OperationCanceledException) when (isTimeUp())
        {
            return BuildFailures.Timeout(app.BuildTimeout, place.Observed);
        }
        catch (IOException e) when (BuildFailures.IsDiskFull(e))
        {
            return BuildFailures.Disk(place.Observed.DiskBytes);
        }
        catch (InvalidDataException e)
        {
            return new BuildResult.Failed("dockerfile_image_invalid", $"{e.Message.TrimEnd('.')}.");
        }
    }

    private async Task<IReadOnlyDictionary<DockerfileImage, BaseImage>> FetchAsync(App app, Dockerfile dockerfile, IBuildLog log, CancellationToken cancellationToken)
    {
        var found = new Dictionary<DockerfileImage, BaseImage>();
        foreach (var image in dockerfile.Images)
        {
            try
            {
                found[image] = await fetch(app, image.Reference, log.Line, cancellationToken);
            }
            catch (BaseImageException refused)
            {
                throw DockerfileFaults.NoImage(dockerfile.Name, image, refused.Message);
            }

            var (name, digest, layers) = (found[image].Name, found[image].Image.Digest, found[image].Image.Manifest.Layers);
            log.Line(string.Create(CultureInfo.InvariantCulture, $"{name} is {digest.Algorithm}:{digest.Short}: {layers.Count} layers, {layers.Sum(layer => layer.Size) / 1e6:0.0} MB"));
        }

        return found;
    }

    private async Task<BuildResult> BuildAsync(
        DockerfileSandbox place, Dockerfile dockerfile, DockerfileArguments arguments, IReadOnlyDictionary<DockerfileImage, BaseImage> bases, IBuildLog log, CancellationToken cancellationToken)
    {
        const string name = "localhost/paas/app:latest";
        log.Phase("build");
        DockerfileStep? step = null;
        string? lastWord = null;
        var exit = await place.RunAsync("build", Arguments(place, dockerfile, arguments, bases, name), Say, Say, cancellationToken);
        if (exit != 0)
        {
            return DockerfileFaults.Of(dockerfile, step, lastWord, exit, place.Observed);
        }

        log.Phase("export");
        var said = new List<string>();
        exit = await place.RunAsync(
            "push", ["--quiet", "--disable-compression", "--signature-policy", DockerfileSandbox.PolicyFile, name, $"dir:{DockerfileSandbox.Inside}/out"], said.Add, said.Add, cancellationToken);
        if (exit != 0)
        {
            return DockerfileFaults.Of(dockerfile, null, said.LastOrDefault(), exit, place.Observed);
        }

        var image = await new DockerfileImport(blobs).RunAsync(new UntrustedTree(Path.Combine(place.Root, "out")), bases.Values.Select(item => item.Image), cancellationToken);
        place.Keep(options.CacheBytesPerApp, log.Line);
        var process = string.Join(' ', (image.Config.Config?.Entrypoint ?? []).Concat(image.Config.Config?.Cmd ?? []));
        log.Line(string.Create(CultureInfo.InvariantCulture, $"The image is {image.Digest.Algorithm}:{image.Digest.Short}: {image.Manifest.Layers.Count} layers, {image.Manifest.Layers.Sum(layer => layer.Size) / 1e6:0.0} MB"));
        return process.Length == 0
            ? DockerfileFaults.NoProcess(dockerfile.Name)
            : new BuildResult.Built(image.Digest, new Dictionary<string, string> { ["web"] = process }) { Dockerfile = dockerfile.Name };

        void Say(string line)
        {
            step = DockerfileStep.Parse(line) ?? step;
            lastWord = line.StartsWith("Error: ", StringComparison.Ordinal) ? line : lastWord;
            if (!Superfluous.Any(start => line.StartsWith(start, StringComparison.Ordinal)) && !line.Contains(MissingArgument, StringComparison.Ordinal))
            {
                log.Line(bases.Aggregate(line, (text, pair) => text.Replace(DockerfileBases.NameOf(pair.Value.Image), pair.Key.Reference, StringComparison.Ordinal)));
            }
        }
    }

    private static List<string> Arguments(
        DockerfileSandbox place, Dockerfile dockerfile, DockerfileArguments arguments, IReadOnlyDictionary<DockerfileImage, BaseImage> bases, string name)
    {
        // docker's format: an OCI image has no HEALTHCHECK and no SHELL.
        List<string> list =
        [
            "--format", "docker", "--isolation", "chroot", "--network", "host", "--pull=never", "--layers", "--signature-policy", DockerfileSandbox.PolicyFile,
            "--file", $"{DockerfileSandbox.Workspace}/{dockerfile.Name}", "--tag", name,
        ];

        // By what stands in the Dockerfile, before its variables are filled in: buildah looks it up so.
        foreach (var (image, found) in bases)
        {
            list.AddRange(["--build-context", $"{image.Written}=docker-image://{DockerfileBases.NameOf(found.Image)}"]);
        }

        foreach (var (argument, value) in arguments.Arguments)
        {
            list.AddRange(["--build-arg", $"{argument}={value}"]);
        }

        foreach (var secret in place.SecretArguments)
        {
            list.AddRange(["--secret", secret]);
        }

        if (arguments.NeedsCaBundle)
        {
            list.AddRange(["--volume", $"{DockerfileSandbox.CaBundleFile}:{DockerfileArguments.CaBundleInside}:ro"]);
        }

        list.Add(DockerfileSandbox.Workspace);
        return list;
    }

    private sealed class Uses(IReadOnlyList<IDisposable> uses) : IDisposable
    {
        public void Dispose()
        {
            foreach (var use in uses)
            {
                use.Dispose();
            }
        }
    }
}

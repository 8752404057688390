using System.Globalization;
using Paas.Buildpacks;
using Paas.Oci;

namespace Paas.Builds;

/// <summary>Answers a build from the last one when nothing that it is made of has changed (docs/decisions/unchanged-builds.md).</summary>
internal sealed class UnchangedBuilds(BuildsOptions options, BuildStore store, BuildInputs inputs, BuildCache cache, Lifecycle lifecycle, Images images, BlobStore blobs, TimeProvider time)
{
    /// <inheritdoc cref="BuildInputs.Of"/>
    /// <returns>Null: builds are never answered from others here.</returns>
    public string? Fingerprint(PreparedBuild build, CancellationToken cancellationToken)
    {
        try
        {
            return options.UnchangedFor > TimeSpan.Zero ? inputs.Of(build, cancellationToken) : null;
        }
        catch (InvalidDataException)
        {
            // A source that cannot be read is refused by the one who builds from it, in better words.
            return null;
        }
    }

    /// <summary>Null: it has to be built.</summary>
    public async Task<BuildResult.Built?> TryAnswerAsync(PreparedBuild build, string? fingerprint, BuildRun run, CancellationToken cancellationToken)
    {
        if (fingerprint is null || store.LastBuilt(build.App.Id) is not { Facts: { Image: { } image } facts } last || last.Inputs != fingerprint
            || DidTheWork(build.App.Id, last) is not { } worked || time.GetUtcNow() - worked.StartedAt >= options.UnchangedFor
            || !Digest.TryParse(image, out var digest) || !await images.TryRenewAsync(digest, cancellationToken))
        {
            return null;
        }

        // The layers stay; the label that names the commit is this one's.
        var labelled = await lifecycle.RelabelAsync(digest, build.Project, cancellationToken);
        cache.Touch(build.App.Id);
        run.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"Nothing has changed since build {worked.Number} (source, buildpacks, base images, config vars of builds): its layers are taken as they are. To build anyway: paas builds cache clear"));
        run.Know(_ => facts with
        {
            Phases = [],
            SameAs = worked.Number,
            Image = labelled.Digest.ToString(),
            ManifestSize = SizeOf(labelled.Digest),
            Layers = [.. facts.Layers.Select(layer => layer with { Restored = false, Reused = true })],
        });
        return new BuildResult.Built(labelled.Digest, facts.Processes);
    }

    /// <summary>Bytes of a manifest.</summary>
    public long SizeOf(Digest manifest) => blobs.PathOf(manifest) is { } path ? new FileInfo(path).Length : 0;

    /// <summary>An answer's answer is as old as the build behind it.</summary>
    private BuildRecord? DidTheWork(long appId, BuildRecord last) => last.Facts.SameAs is { } number ? store.Find(appId, number) : last;
}

using Paas.Buildpacks.Sbom;
using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>The export phase: puts the image together on top of the run image (CNB platform spec 0.15, "exporter"). From the bottom:
/// launch layers in the group's order, bills of materials, app slices and the rest of the app, launcher, config, process types. Same input, same digest.</summary>
internal sealed class Export(
    Layers layers, OwnLayers ownLayers, Images images, LifecycleDirs dirs, BuildOutcome built, RestorePlan restored, Analysis analysis, ExportOptions options, Action<string> line)
{
    private readonly List<ExportedLayer> _image = [];
    private readonly List<Layer> _app = [];
    private readonly List<CachedLayer> _cached = [];
    private readonly SbomExport _sboms = new(dirs, built, analysis);
    private PreviousSbom? _nextSbom;
    private readonly Dictionary<(string Buildpack, string Layer), (DiffId DiffId, Descriptor? Blob)> _contents = [];

    public async Task<ExportResult> RunAsync(CancellationToken cancellationToken)
    {
        // 1. What the buildpacks left, for the image and for the next build.
        foreach (var entry in built.Buildpacks)
        {
            foreach (var layer in entry.Layers.Where(layer => layer.Flags.Launch || layer.Flags.Cache))
            {
                await TakeLayerAsync(entry.Buildpack, layer, cancellationToken);
            }
        }

        var sbom = await TakeSbomsAsync(cancellationToken);

        // 2. The app.
        var app = new List<DiffId>();
        foreach (var include in new Slices(dirs.Workspace, built.Slices).Includes())
        {
            var source = new LayerSource(dirs.Workspace, InImage(LifecycleDirs.WorkspaceInside), analysis.Uid, analysis.Gid, Include: include, GroupLikeOwner: true);
            app.Add(await AddAppAsync(source, cancellationToken));
        }

        // 3. What starts it.
        var launcher = await AddOwnAsync("launcher", OwnLayers.KeyOfFile(options.Launcher), [new LayerSource(options.Launcher, InImage(ImageConfiguration.Launcher), 0, 0, Mode: Modes.Executable)], cancellationToken);
        var metadata = LaunchMetadata.Write(built);
        var config = await AddOwnAsync("config", metadata, [await WriteMetadataAsync(metadata, cancellationToken)], cancellationToken);
        DiffId? processTypes = built.Processes.Count == 0
            ? null
            : await AddOwnAsync("process types", string.Join('\n', built.Processes.Select(process => process.Type)), [.. built.Processes.Select(ProcessLink)], cancellationToken);

        // 4. The image.
        var labels = new ImageConfiguration(analysis.RunImage, built).Labels(
            ImageLabels.LifecycleMetadata(built, LaunchDiffIds(), app, config, launcher, processTypes, analysis.RunImage, options.RunImageReference, options.RunImageMirrors, sbom.Launch),
            options.Source);
        var imageConfig = new ImageConfiguration(analysis.RunImage, built).Write(_image, labels);
        var image = await images.PutAsync(imageConfig, [.. analysis.RunImage.Manifest.Layers, .. _image.Select(entry => entry.Layer.Blob)], null, cancellationToken);
        return new ExportResult(image, built.Processes, built.Processes.FirstOrDefault(process => process.Default)?.Type, Next(image), _image)
        {
            Cached = _cached,
            Sbom = sbom,
        };
    }

    /// <summary>Bills of materials: one layer of the image, one of the cache, and those of the build, which stay outside.</summary>
    private async Task<ExportedSbom> TakeSbomsAsync(CancellationToken cancellationToken)
    {
        const string title = "sbom";
        var before = analysis.Previous?.Sbom;
        Layer? launch = null;
        DiffId? cache = null;
        if (_sboms.Launch is { Count: > 0 } ofImage)
        {
            var earlier = before is { Launch: { } diffId, LaunchBlob: { } blob } ? new Layer(diffId, blob) : null;
            launch = await CreateAsync(title, ofImage, earlier, cancellationToken);
            _image.Add(new ExportedLayer(title, launch, launch.Reused));
        }

        if (_sboms.Cache is { Count: > 0 } ofCache)
        {
            cache = await MakeAsync(title, () => layers.CreateSnapshotAsync(ofCache, before?.Cache, cancellationToken));
        }

        _nextSbom = launch is null && cache is null ? null : new PreviousSbom(launch?.DiffId, launch?.Blob, cache);
        return new ExportedSbom(launch?.DiffId, await MakeAsync(title, () => Task.FromResult(_sboms.ReadBuild())));
    }

    private async Task TakeLayerAsync(Buildpack buildpack, BuiltLayer layer, CancellationToken cancellationToken)
    {
        var title = $"{buildpack.Id}:{layer.Name}";
        var reused = Reusable(buildpack, layer, title);
        if (reused is null && !layer.HasContents)
        {
            line($"Layer {title} is marked for the cache but has no contents.");
            return;
        }

        if (reused is not null)
        {
            _contents[(buildpack.LayersName, layer.Name)] = (reused.DiffId, reused.Blob);
            if (layer.Flags.Launch)
            {
                _image.Add(new ExportedLayer(title, new Layer(reused.DiffId, reused.Blob!), Reused: true));
            }
            else
            {
                _cached.Add(new CachedLayer(title, reused.DiffId, Reused: true));
            }

            return;
        }

        var path = Path.Combine(dirs.Layers, buildpack.LayersName, layer.Name);
        var name = $"{InImage(LifecycleDirs.LayersInside)}/{buildpack.LayersName}/{layer.Name}";
        LayerSource[] source = [new LayerSource(path, name, analysis.Uid, analysis.Gid)];
        if (!layer.Flags.Launch)
        {
            // No image carries it: a snapshot is all that the next build needs.
            var diffId = await MakeAsync(title, () => layers.CreateSnapshotAsync(source, Before(buildpack, layer)?.DiffId, cancellationToken));
            _contents[(buildpack.LayersName, layer.Name)] = (diffId, null);
            _cached.Add(new CachedLayer(title, diffId, Reused: diffId == Before(buildpack, layer)?.DiffId));
            return;
        }

        var before = Before(buildpack, layer) is { Blob: { } blob } earlier ? new Layer(earlier.DiffId, blob) : null;
        var contents = await CreateAsync(title, source, before, cancellationToken);
        _contents[(buildpack.LayersName, layer.Name)] = (contents.DiffId, contents.Blob);
        _image.Add(new ExportedLayer(title, contents, contents.Reused));
    }

    private PreviousLayer? Before(Buildpack buildpack, BuiltLayer layer) => analysis.Previous?.Buildpacks
        .FirstOrDefault(entry => entry.Id == buildpack.Id)?.Layers
        .FirstOrDefault(entry => entry.Name == layer.Name);

    /// <summary>The last build's layer where this one is the same: restored and untouched, or named without contents.</summary>
    private PreviousLayer? Reusable(Buildpack buildpack, BuiltLayer layer, string title)
    {
        var before = Before(buildpack, layer);
        if (layer.HasContents)
        {
            var wasRestored = before is not null
                && (before.Blob is not null || !layer.Flags.Launch)
                && restored.Contents.Contains(new RestoredContents(buildpack.LayersName, layer.Name, before.DiffId));
            return wasRestored && options.Untouched?.Invoke(buildpack.LayersName, layer.Name) == true ? before : null;
        }

        if (!layer.Flags.Launch)
        {
            return null;
        }

        if (layer.Flags.Cache)
        {
            throw new LifecycleFailure.NotExportable(buildpack.Id, $"Buildpack {buildpack.Id} marks layer {layer.Name} for launch and cache, but left nothing in it.");
        }

        return before is { Flags.Launch: true, Blob: not null }
            ? before
            : throw new LifecycleFailure.NotExportable(buildpack.Id, $"Buildpack {buildpack.Id} wants to keep layer {title} from the last image, which has no such layer.");
    }

    /// <summary>One slice of the app, or all of it: the last build's where it is the same.</summary>
    private async Task<DiffId> AddAppAsync(LayerSource source, CancellationToken cancellationToken)
    {
        var before = analysis.Previous?.App.ElementAtOrDefault(_app.Count);
        var layer = await CreateAsync("app", [source], before is null ? null : new Layer(before.DiffId, before.Blob), cancellationToken);
        _app.Add(layer);
        _image.Add(new ExportedLayer("app", layer, layer.Reused));
        return layer.DiffId;
    }

    /// <summary>A layer of the platform's own: the same for all apps that have the same in it.</summary>
    private async Task<DiffId> AddOwnAsync(string title, string key, IReadOnlyList<LayerSource> sources, CancellationToken cancellationToken)
    {
        var layer = await ownLayers.GetAsync($"{title}\n{key}", () => CreateAsync(title, sources, null, cancellationToken));
        _image.Add(new ExportedLayer(title, layer, layer.Reused));
        return layer.DiffId;
    }

    private async Task<Layer> CreateAsync(string title, IReadOnlyList<LayerSource> sources, Layer? before, CancellationToken cancellationToken)
    {
        var layer = await MakeAsync(title, () => layers.CreateAsync(sources, before, cancellationToken));
        foreach (var note in layer.Notes)
        {
            line(note);
        }

        return layer;
    }

    private static async Task<T> MakeAsync<T>(string title, Func<Task<T>> make)
    {
        try
        {
            return await make();
        }
        catch (InvalidDataException exception)
        {
            throw new LifecycleFailure.NotExportable(null, $"The layer {title} cannot be made: {exception.Message}", exception);
        }
    }

    private async Task<LayerSource> WriteMetadataAsync(string metadata, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(dirs.Scratch);
        var path = Path.Combine(dirs.Scratch, "metadata.toml");
        await File.WriteAllTextAsync(path, metadata, cancellationToken);
        return new LayerSource(path, $"{InImage(LifecycleDirs.LayersInside)}/config/metadata.toml", 0, 0, Mode: Modes.Plain);
    }

    private static LayerSource ProcessLink(LaunchProcess process) =>
        new(null, InImage($"{ImageConfiguration.ProcessDirectory}/{process.Type}"), 0, 0, SymlinkTarget: ImageConfiguration.Launcher);

    private Dictionary<(string Buildpack, string Layer), DiffId> LaunchDiffIds() =>
        _contents.ToDictionary(entry => entry.Key, entry => entry.Value.DiffId);

    private PreviousBuild Next(Image image) => new()
    {
        Image = image.Digest,
        Sbom = _nextSbom,
        App = [.. _app.Select(layer => new AppLayer(layer.DiffId, layer.Blob))],
        Buildpacks = [.. built.Buildpacks.Select(entry => new PreviousBuildpack(entry.Buildpack.Id, entry.Buildpack.Version, entry.Store, [.. NextLayers(entry)]))],
    };

    private IEnumerable<PreviousLayer> NextLayers(BuiltBuildpack entry) =>
        from layer in entry.Layers
        where _contents.ContainsKey((entry.Buildpack.LayersName, layer.Name))
        let contents = _contents[(entry.Buildpack.LayersName, layer.Name)]
        select new PreviousLayer(layer.Name, layer.Flags, LayerTomls.MetadataText(layer.Metadata), contents.DiffId, contents.Blob);

    private static string InImage(string absolute) => absolute.TrimStart('/');

    /// <summary>Permission bits of what the lifecycle itself adds.</summary>
    private static class Modes
    {
        public const int Plain = 0b110_100_100;
        public const int Executable = 0b111_101_101;
    }
}

using System.IO.Compression;
using System.Text;
using Paas.Oci;

namespace Paas.Builds;

/// <summary>Puts a base image into the content store: one layer, unpacked at once, with the environment and labels of the
/// specification (CNB platform spec 0.15, "Build Image" and "Run Image").</summary>
internal sealed class StackImage(BlobStore blobs, Snapshots snapshots, Images images)
{
    /// <summary>Buildpacks older than targets ask for a stack id and stop without one.</summary>
    private const string StackIdPrefix = "paas.stacks.";

    /// <param name="layer">Uncompressed tar.</param>
    public async Task<Image> ImportAsync(StackRecipe recipe, string layer, CancellationToken cancellationToken)
    {
        var (diffId, blob) = await CompressAsync(layer, cancellationToken);
        await using (var tar = File.OpenRead(layer))
        {
            await snapshots.UnpackAsync(tar, diffId, cancellationToken);
        }

        return await images.PutAsync(Config(recipe, diffId), [blob], null, cancellationToken);
    }

    private async Task<(DiffId DiffId, Descriptor Blob)> CompressAsync(string layer, CancellationToken cancellationToken)
    {
        await using var writer = blobs.CreateWriter();
        Digest copied;
        await using (var gzip = new GZipStream(writer, CompressionLevel.Fastest, leaveOpen: true))
        await using (var tar = File.OpenRead(layer))
        {
            copied = await HashedCopy.CopyAsync(tar, gzip, "sha256", cancellationToken);
        }

        var (digest, size) = await writer.CommitAsync(null, cancellationToken);
        return (new DiffId(copied), new Descriptor { MediaType = MediaTypes.LayerGzip, Digest = digest, Size = size });
    }

    internal static ImageConfig Config(StackRecipe recipe, DiffId diffId)
    {
        var stack = StackIdPrefix + recipe.Suite;
        var created = recipe.Created.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        var build = recipe.User == BaseTar.BuildUid;
        return new ImageConfig
        {
            Created = created,
            Architecture = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64",
            Os = "linux",
            Config = new RunConfig
            {
                User = $"{recipe.User}:{BaseTar.Gid}",
                Env =
                [
                    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    $"CNB_STACK_ID={stack}",
                    .. build ? [$"CNB_USER_ID={recipe.User}", $"CNB_GROUP_ID={BaseTar.Gid}", "HOME=/home/cnb"] : Array.Empty<string>(),
                ],
                WorkingDir = "/",
                Cmd = ["/bin/bash"],
                Labels = new SortedDictionary<string, string>(StringComparer.Ordinal)
                {
                    ["io.buildpacks.base.id"] = stack,
                    ["io.buildpacks.base.description"] = recipe.Description,
                    ["io.buildpacks.base.distro.name"] = "debian",
                    ["io.buildpacks.base.distro.version"] = recipe.Version,
                    ["io.buildpacks.base.released"] = created[..10],
                    ["io.buildpacks.rebasable"] = "true",
                    ["io.buildpacks.stack.id"] = stack,
                },
            },
            RootFs = new RootFs { DiffIds = [diffId] },
            History = [new History { Created = created, CreatedBy = $"mmdebstrap {recipe.Suite}, paas base image '{recipe.Id}'" }],
        };
    }

    /// <summary>Package names with versions, as dpkg's status file has them (deb-control(5)).</summary>
    internal static SortedDictionary<string, string> Packages(byte[] status)
    {
        var packages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string? name = null;
        foreach (var line in Encoding.UTF8.GetString(status).Split('\n'))
        {
            if (line.StartsWith("Package: ", StringComparison.Ordinal))
            {
                name = line["Package: ".Length..];
            }
            else if (name is not null && line.StartsWith("Version: ", StringComparison.Ordinal))
            {
                packages[name] = line["Version: ".Length..];
            }
        }

        return packages;
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Paas.Buildpacks;
using Paas.State;

namespace Paas.Builds;

/// <summary>A fingerprint of all that a build is made of: when it is the last build's, that build's image is this one's
/// (docs/decisions/unchanged-builds.md). HMAC-SHA256 under a key of this install: config vars are part of it.</summary>
internal sealed class BuildInputs(PlatformHome home, StackCache shared)
{
    private readonly Lazy<byte[]> _key = new(() => KeyFile.ReadOrMake(Path.Combine(home.Keys, "builds.key"), mayMake: true));

    public string Of(PreparedBuild build, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key.Value);
        Add(hash, typeof(BuildInputs).Module.ModuleVersionId.ToString(), typeof(Lifecycle).Module.ModuleVersionId.ToString());
        Add(hash, build.RunImage.Digest.ToString(), build.BuildImage.Digest.ToString());
        foreach (var buildpack in build.Choice.Catalog.Reach(build.Choice.Catalog.Order))
        {
            Add(hash, buildpack.Id, buildpack.Version);
            if (Path.GetDirectoryName(buildpack.Directory) == home.Buildpacks)
            {
                // One that a team added lies in a folder that is named by what is in it.
                Add(hash, Path.GetFileName(buildpack.Directory));
            }
            else
            {
                AddTree(hash, new UntrustedTree(buildpack.Directory), "", cancellationToken);
            }
        }

        foreach (var group in build.Choice.Catalog.Order.Groups)
        {
            Add(hash, "group", string.Join('\n', group.Entries.Select(entry => $"{entry.Id} {entry.Version} {entry.Optional} {string.Join(',', entry.ExecEnv)}")));
        }

        AddVariables(hash, build.Env);
        foreach (var binding in build.Bindings)
        {
            Add(hash, "binding", binding.Name);
            AddVariables(hash, binding.Files);
        }

        AddVariables(hash, build.Host.Proxies);
        AddVariables(hash, build.Host.Variables);
        AddFile(hash, build.Host.CaBundle);

        // Versions that a range may resolve to.
        foreach (var list in Directory.Exists(shared.Packages) ? Directory.GetFiles(shared.Packages, "*.list").Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            AddFile(hash, list);
        }

        AddTree(hash, new UntrustedTree(build.Source.Directory), "", cancellationToken);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AddVariables(IncrementalHash hash, IEnumerable<KeyValuePair<string, string>> variables)
    {
        Add(hash, "variables");
        foreach (var (name, value) in variables.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            Add(hash, name, value);
        }
    }

    private static void AddFile(IncrementalHash hash, string? path) => Add(hash, "file", path is not null && File.Exists(path) ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) : "none");

    /// <summary>Names, modes, links and bytes; no times.</summary>
    private static void AddTree(IncrementalHash hash, UntrustedTree tree, string path, CancellationToken cancellationToken)
    {
        using var directory = tree.OpenDirectory(path);
        Add(hash, "directory", path, directory.Mode.ToString("D"));
        foreach (var entry in directory.Entries.OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = Path.Combine(path, entry.Name);
            if (entry.LinkTarget is { } target)
            {
                Add(hash, "link", name, target);
            }
            else if (entry is DirectoryInfo)
            {
                AddTree(hash, tree, name, cancellationToken);
            }
            else
            {
                AddContent(hash, tree, name);
            }
        }
    }

    private static void AddContent(IncrementalHash hash, UntrustedTree tree, string name)
    {
        using var handle = tree.OpenFile(name);
        using var content = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        Add(hash, "content", name, File.GetUnixFileMode(handle).ToString("D"), Convert.ToHexString(SHA256.HashData(content)));
    }

    /// <summary>Each with its length, so that no two lists give the same bytes.</summary>
    private static void Add(IncrementalHash hash, params ReadOnlySpan<string> parts)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
    }
}

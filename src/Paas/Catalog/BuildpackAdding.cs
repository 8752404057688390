using Paas.Accounts;
using Paas.Activity;
using Paas.Builds;
using Paas.Oci;
using Paas.State;

namespace Paas.Catalog;

/// <summary>Adds a buildpack from wherever it is: uploaded files or package, a git repository, a registry.</summary>
internal sealed class BuildpackAdding(AddedBuildpacks store, BuildpackIntake intake, GitOrigin git, ImageOrigin images, AccountStore accounts, ActivityLog activity)
{
    private const int LongestName = 200;

    /// <param name="source">A git URL, or the reference of an image.</param>
    /// <returns>What was added; what was asked for is the last.</returns>
    /// <exception cref="UserError">Not added; code and sentence say why.</exception>
    public Task<IReadOnlyList<AddedBuildpack>> FromAddressAsync(Caller caller, string source, CancellationToken cancellationToken) => RecordAsync(caller, async staging =>
    {
        RefuseOthers(source);
        if (source.Contains("://", StringComparison.Ordinal) && !source.StartsWith("docker://", StringComparison.Ordinal))
        {
            var address = GitAddress.Parse(source);
            return await git.FetchAsync(
                address,
                accounts.IsAdministrator(caller.UserId),
                (files, commit) => intake.Take(caller.TeamId, caller.Name, files, [address.Folder], new BuildpackOrigin(address.ToString(), commit), cancellationToken),
                cancellationToken);
        }

        var (package, digest) = await images.FetchAsync(caller.TeamId, source, staging, cancellationToken);
        return Take(caller, staging, package, new BuildpackOrigin(source, digest.ToString()), cancellationToken);
    });

    /// <param name="archive">A tar of the buildpack's files, or a .cnb file; plain or gzip.</param>
    /// <param name="name">Of the folder or file, for the list.</param>
    /// <param name="folder">Where in the files the buildpack is; "" at the top.</param>
    /// <exception cref="UserError">Not added; code and sentence say why.</exception>
    public Task<IReadOnlyList<AddedBuildpack>> FromArchiveAsync(Caller caller, Stream archive, string name, string folder, CancellationToken cancellationToken) => RecordAsync(caller, async staging =>
    {
        var (unpacked, files) = (Make(staging, "unpacked"), Make(staging, "files"));
        await UnpackAsync(archive, unpacked, cancellationToken);
        name = Printable.Cut(name.Length == 0 ? "upload" : name, LongestName);
        if (!PackageFile.IsLayout(unpacked))
        {
            return intake.Take(caller.TeamId, caller.Name, unpacked, [folder], new BuildpackOrigin(name, null), cancellationToken);
        }

        var (package, digest) = await Task.Run(() => PackageFile.Unpack(unpacked, files, cancellationToken), cancellationToken);
        return Take(caller, files, package, new BuildpackOrigin(name, digest.ToString()), cancellationToken);
    });

    private IReadOnlyList<AddedBuildpack> Take(Caller caller, string files, Package package, BuildpackOrigin origin, CancellationToken cancellationToken) =>
        intake.Take(caller.TeamId, caller.Name, files, package.Folders, origin, cancellationToken);

    private async Task<IReadOnlyList<AddedBuildpack>> RecordAsync(Caller caller, Func<string, Task<IReadOnlyList<AddedBuildpack>>> take)
    {
        var staging = store.MakeStaging();
        try
        {
            var added = await take(staging);
            activity.Record(caller.TeamId, null, caller.Name, "buildpack.added", $"Added the buildpack {added[^1]} from {added[^1].Source}.");
            return added;
        }
        catch (BuildpackRefusedException refused)
        {
            throw new UserError(refused.Code, 422, refused.Message);
        }
        catch (BuildFailureException damaged)
        {
            throw new UserError(damaged.Code, 500, damaged.Message);
        }
        finally
        {
            TreeRemoval.Remove(staging);
        }
    }

    private static async Task UnpackAsync(Stream archive, string directory, CancellationToken cancellationToken)
    {
        // The tar reader reads as one does a file; the body of a request comes as it likes.
        var whole = Path.Combine(Path.GetDirectoryName(directory)!, "archive");
        await using var file = new FileStream(whole, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, BufferSize = 0, Options = FileOptions.DeleteOnClose });
        var buffer = new byte[128 << 10];
        for (int count; (count = await archive.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            if (file.Length > Package.Limits.Bytes)
            {
                throw TooLarge();
            }
        }

        if (file.Length == 0)
        {
            throw new BuildpackRefusedException("buildpack_invalid", "Nothing was uploaded: send a tar of the buildpack's folder, or a .cnb file.");
        }

        file.Position = 0;
        try
        {
            await Task.Run(() => Archive.Unpack(file, directory, Package.Limits, isLayer: false, cancellationToken), cancellationToken);
        }
        catch (InvalidDataException refused)
        {
            throw new BuildpackRefusedException("buildpack_archive_refused", refused.Message, refused);
        }
    }

    /// <summary>What other tools understand and this platform does not.</summary>
    private static void RefuseOthers(string source)
    {
        if (source.Trim().Length == 0)
        {
            throw new BuildpackRefusedException("buildpack_source_invalid", "Name what to add: the URL of a git repository (https://...) or the reference of an image (ghcr.io/team/buildpack:1.2).");
        }

        if (source.StartsWith("urn:", StringComparison.Ordinal))
        {
            throw new BuildpackRefusedException("buildpack_source_invalid", "The registry of buildpacks (urn:cnb:...) is not asked: look the buildpack up at registry.buildpacks.io and give the image that stands there.");
        }

        if (source.EndsWith(".cnb", StringComparison.Ordinal) || source.EndsWith(".tgz", StringComparison.Ordinal) || source.EndsWith(".tar.gz", StringComparison.Ordinal))
        {
            throw new BuildpackRefusedException("buildpack_source_invalid", "That is a file to download: fetch it (curl -LO ...) and give the file itself: paas buildpacks add FILE.cnb");
        }
    }

    private static string Make(string staging, string name)
    {
        var path = Path.Combine(staging, name);
        Directory.CreateDirectory(path);
        return path;
    }

    private static BuildpackRefusedException TooLarge() => new("buildpack_archive_refused", $"The archive is refused: it is larger than {Package.Limits.Bytes >> 20} MB.");
}

namespace Paas.Oci;

/// <summary>Uploads that have not ended: a file each, &lt;root&gt;/uploads/&lt;owner&gt;/&lt;id&gt;, whose length is what has arrived. They survive a
/// restart; the commit renames the file to its digest.</summary>
/// <remarks>Owners and ids become names of files: the caller makes or checks them.</remarks>
public sealed class PartialBlobs(BlobStore store)
{
    private string Root => Path.Combine(store.Root, "uploads");

    /// <exception cref="IOException">There is one of this id.</exception>
    public BlobWriter Create(string owner, string id)
    {
        Directory.CreateDirectory(Path.Combine(Root, owner));
        return new BlobFileWriter(store, PathOf(owner, id), FileMode.CreateNew, keeps: true);
    }

    /// <summary>Goes on after what has arrived; null: there is none of this id. One writer at a time.</summary>
    public BlobWriter? Resume(string owner, string id)
    {
        try
        {
            return new BlobFileWriter(store, PathOf(owner, id), FileMode.Open, keeps: true);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>"Not there" is success.</summary>
    public void Delete(string owner, string id)
    {
        if (Directory.Exists(Path.Combine(Root, owner)))
        {
            File.Delete(PathOf(owner, id));
        }
    }

    /// <summary>How many an owner has.</summary>
    public int CountOf(string owner)
    {
        var folder = Path.Combine(Root, owner);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Count() : 0;
    }

    /// <summary>What lies there, in no order.</summary>
    public IEnumerable<PartialBlob> All() => Directory.Exists(Root)
        ? new DirectoryInfo(Root).EnumerateFiles("*", SearchOption.AllDirectories).Select(file => new PartialBlob(file.Directory!.Name, file.Name, file.Length, file.LastWriteTimeUtc))
        : [];

    private string PathOf(string owner, string id) => Path.Combine(Root, owner, id);
}

/// <param name="Size">Bytes that have arrived.</param>
/// <param name="WrittenAt">When the last of them did.</param>
public sealed record PartialBlob(string Owner, string Id, long Size, DateTimeOffset WrittenAt);

using Paas.Oci;

namespace Paas.Registry;

/// <summary>How much may still be stored: of one blob, in one repository, in all, and on the disk.</summary>
internal sealed class StorageLimits(RegistryOptions options, RegistryStore store, BlobStore blobs)
{
    /// <summary>What a blob that is about to come may have.</summary>
    /// <exception cref="RegistryError">DENIED: the disk is almost full, or the repository or the registry has all it may have.</exception>
    public BlobAllowance Of(long repository, RepositoryRequest request)
    {
        CheckDisk();
        var allowance = new BlobAllowance(options.MaxBlob, RegistryError.BlobTooLarge(options.MaxBlob));
        if (store.LimitOf(repository) is { } limit)
        {
            allowance = allowance.AtMost(limit - store.SizeOf(repository), RegistryError.RepositoryFull(request.Name, limit));
        }

        if (options.MaxBytes is { } most)
        {
            allowance = allowance.AtMost(most - store.SizeOfAll(), RegistryError.RegistryFull(most));
        }

        return allowance;
    }

    /// <summary>Called again while data arrives: others write to the same disk.</summary>
    /// <exception cref="RegistryError">DENIED: the disk is almost full.</exception>
    public void CheckDisk()
    {
        if (blobs.Disk.AvailableFreeSpace < options.FreeSpaceFloor)
        {
            throw RegistryError.DiskFull();
        }
    }
}

/// <param name="Most">Bytes of the whole blob.</param>
/// <param name="Error">What to say to more.</param>
internal readonly record struct BlobAllowance(long Most, RegistryError Error)
{
    public BlobAllowance AtMost(long most, RegistryError error) => most < Most ? new(most, error) : this;

    /// <param name="size">Bytes that the blob has, or says it will have.</param>
    public void Check(long size)
    {
        if (size > Most)
        {
            throw Error;
        }
    }
}

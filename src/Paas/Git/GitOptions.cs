namespace Paas.Git;

/// <summary>What the push receiver allows, and as whom git runs.</summary>
public sealed class GitOptions
{
    public const long Gigabyte = 1L << 30;

    /// <summary>The system user that git runs as. Null: as whoever control is (development and tests without root).</summary>
    public string? User { get; set; } = "paas-git";

    /// <summary>The pre-receive hook, src/native/hook.c; copied into the home at start, because git's user cannot read everywhere.</summary>
    public string HookBinary { get; set; } = Path.Combine(AppContext.BaseDirectory, "native", "hook");

    /// <summary>Bytes; of one pack and of all of an app's repository.</summary>
    public long MaxRepositorySize { get; set; } = Gigabyte;

    /// <summary>Bytes; of the checked-out files of one commit.</summary>
    public long MaxTreeSize { get; set; } = Gigabyte;

    /// <summary>Files of one commit: a tree of a few kilobytes can name thousands of millions (trust rule 9).</summary>
    public int MaxFiles { get; set; } = 200_000;

    /// <summary>Bytes; of private memory of one git program (RLIMIT_DATA). A pack can be made to need more than the machine has.</summary>
    public long MaxMemory { get; set; } = Gigabyte;

    /// <summary>A push that sends nothing for this long is given up.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes as people read them: "1 GB", "1.4 GB", "300 MB". Units are powers of 1024, as git's.</summary>
    internal static string Show(long bytes)
    {
        string[] units = ["bytes", "KB", "MB", "GB", "TB"];
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1024 && unit < units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }
}

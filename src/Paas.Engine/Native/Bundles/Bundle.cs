
namespace Paas.Engine.Native.Bundles;

/// <summary>Where the files of one sandbox's bundle lie (OCI runtime-spec v1.0.2, bundle.md).</summary>
internal sealed class Bundle(string root)
{
    public string Root { get; } = root;

    /// <summary>Mount point of the overlay.</summary>
    public string RootFs => Path.Combine(Root, "rootfs");

    public string Config => Path.Combine(Root, "config.json");

    public string ResolvConf => Path.Combine(Root, "resolv.conf");

    public string Hosts => Path.Combine(Root, "hosts");

    public string Hostname => Path.Combine(Root, "hostname");

    public string PidFile => Path.Combine(Root, "pid");

    public string ConmonPidFile => Path.Combine(Root, "conmon.pid");

    /// <summary>conmon's control FIFO.</summary>
    public string Control => Path.Combine(Root, "ctl");

    /// <summary>Makes the directory, passable for the mapped ids, and writes all its files.</summary>
    public void Write(BundleSpec spec)
    {
        // The runtime walks to rootfs as the sandbox's own root, which is nobody on the host: x for others, no more.
        const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(Root, Passable);
        Directory.CreateDirectory(RootFs, Passable);
        const UnixFileMode Public = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        var host = BundleConfig.HostnameOf(spec.Hostname);
        WriteFile(Hostname, Public, host + "\n");
        WriteFile(Hosts, Public, EtcFiles.Hosts(host, spec.Address));
        WriteFile(ResolvConf, Public, EtcFiles.ResolvConf(spec.Gateway));
        WriteFile(Config, UnixFileMode.UserRead | UnixFileMode.UserWrite, BundleConfig.Json(this, spec));
    }

    private static void WriteFile(string path, UnixFileMode mode, string text)
    {
        File.Delete(path);
        using var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode });
        stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }
}

namespace Paas.Routing;

/// <summary>Names this run of the kernel: what was true of instances in another one is not true now.</summary>
public static class BootId
{
    /// <summary>proc(5), /proc/sys/kernel/random/boot_id: a UUID, made anew at each boot.</summary>
    public static string Current { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
}

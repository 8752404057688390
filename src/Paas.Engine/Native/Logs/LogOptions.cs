namespace Paas.Engine.Native.Logs;

/// <summary>Where instances' logs lie and how much of them is kept.</summary>
internal sealed class LogOptions
{
    /// <summary>On disk, mode 0700; one directory per app below it.</summary>
    public required string Directory { get; init; }

    /// <summary>An instance's file is rotated when it has grown past this. Default 10 MB.</summary>
    public long MaxBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>Rotated files kept for an instance. Default 5.</summary>
    public int Keep { get; init; } = 5;

    /// <summary>What an app's ended instances may keep together; the oldest go first. Default 50 MB.</summary>
    public long KeepEndedBytes { get; init; } = 50 * 1024 * 1024;

    /// <summary>How often <see cref="InstanceLogs.RunAsync"/> looks. Default 5 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

using System.Globalization;
using System.Text.RegularExpressions;
using Paas.Buildpacks;

namespace Paas.Builds;

/// <summary>Turns what went wrong in a build into a stable code and the sentence its person reads.</summary>
internal static partial class BuildFailures
{
    /// <summary>errno ENOSPC.</summary>
    private const int NoSpace = 28;

    /// <summary>What buildpacks say: "ERROR: ..."; "ERROR[lock_file_missing]: ..." where they know a code.</summary>
    [GeneratedRegex(@"^\s*(\x1b\[[0-9;]*m)*(?i:error)(\[(?<code>[a-z0-9_]+)\])?:\s*(?<text>.+?)(\x1b\[[0-9;]*m)*\s*$")]
    private static partial Regex Said { get; }

    /// <summary>The last line of a buildpack of ours: a sentence, or "lock_file_missing: " and a sentence.</summary>
    [GeneratedRegex(@"^((?<code>[a-z]+(_[a-z0-9]+)+):\s+)?(?<text>\S.* .*\.)\s*$")]
    private static partial Regex OurLastLine { get; }

    [GeneratedRegex(@"(?i)no space left on device|\bENOSPC\b|disk quota exceeded")]
    private static partial Regex DiskFull { get; }

    [GeneratedRegex(@"(?i)fork: .*resource temporarily unavailable|cannot fork|can't fork|unable to create (native )?thread|pthread_create failed|spawn \S+ EAGAIN")]
    private static partial Regex CannotFork { get; }

    [GeneratedRegex(@"(?i)too many open files|\bEMFILE\b")]
    private static partial Regex TooManyFiles { get; }

    /// <param name="looksFor">By buildpack id, what it looks for.</param>
    /// <param name="observed">What the sandbox saw.</param>
    public static BuildResult.Failed Of(LifecycleFailure failure, IReadOnlyDictionary<string, string> looksFor, BuildObservations observed) =>
        Told(failure, looksFor, observed) with
        {
            Buildpack = failure.Buildpack,
            ExitCode = (failure as LifecycleFailure.BuildpackFailed)?.CommandExitCode,
            LastLines = (failure as LifecycleFailure.BuildpackFailed)?.LastLines,
        };

    private static BuildResult.Failed Told(LifecycleFailure failure, IReadOnlyDictionary<string, string> looksFor, BuildObservations observed) => failure switch
    {
        LifecycleFailure.NoGroupPassed { Tried: var tried } => new("no_buildpack", NoBuildpack(tried, looksFor)),
        LifecycleFailure.DetectErrored { Tried: var tried } detect => ByMachine(observed) ?? ByWord(tried.Select(verdict => verdict.LastLine))
            ?? new("build_failed", detect.Message),
        LifecycleFailure.BuildpackFailed failed => ByMachine(observed) ?? ByOurWord(failed) ?? ByWord(failed.LastLines) ?? new("build_failed", failed.Message),
        LifecycleFailure.IncompatibleBuildpack or LifecycleFailure.InvalidBuildpack => new("buildpack_invalid", failure.Message),
        _ => ByMachine(observed) ?? new("build_failed", failure.Message),
    };

    /// <summary>A build that could not start processes any more waits for ever: then that is what its person needs to know.</summary>
    public static BuildResult.Failed Timeout(TimeSpan limit, BuildObservations observed) => ByMachine(observed) ?? new(
        "build_timeout",
        $"The build was stopped after its limit of {Minutes(limit)}. See in the lines above what took so long, or raise the app's build timeout with 'paas apps set --build-timeout'.");

    public static BuildResult.Failed Disk(long bytes) => new(
        "build_disk",
        $"The build filled its disk of {Size(bytes)}. It counts the source, everything that is installed and all temporary files: see in the lines above what wrote so much.");

    /// <summary>A limit that was hit explains a failure better than the buildpack's own last word.</summary>
    internal static BuildResult.Failed? ByMachine(BuildObservations observed) => observed switch
    {
        { OutOfMemory: true } => new(
            "build_memory",
            $"The build was killed because it needed more than {Size(observed.Limits.MemoryBytes)} of memory. Let it run fewer things at once, or build the largest parts elsewhere."),
        { OutOfDisk: true } => Disk(observed.DiskBytes),
        { OutOfProcesses: true } => new(
            "build_pids",
            string.Create(CultureInfo.InvariantCulture, $"The build started more than {observed.Limits.Pids} processes and threads, the limit for one build: let it run fewer things at once.")),
        { OutOfFiles: true } => new(
            "build_files",
            string.Create(CultureInfo.InvariantCulture, $"A process of the build had {observed.Limits.OpenFiles} files open at once, the limit for each: let it close what it has read.")),
        _ => null,
    };

    private static BuildResult.Failed? ByOurWord(LifecycleFailure.BuildpackFailed failed) =>
        failed.Buildpack?.StartsWith("paas/", StringComparison.Ordinal) == true && failed.LastLines.LastOrDefault(line => line.Length > 0) is { } last
            ? Failed(OurLastLine.Match(last))
            : null;

    private static BuildResult.Failed? ByWord(IEnumerable<string?> lines) =>
        lines.OfType<string>().Select(line => Said.Match(line)).LastOrDefault(match => match.Success) is { } match ? Failed(match) : null;

    private static BuildResult.Failed? Failed(Match match) =>
        match.Success
            ? new(match.Groups["code"] is { Success: true, Value: var code } ? code : "build_failed", match.Groups["text"].Value)
            : null;

    private static string NoBuildpack(IReadOnlyList<DetectVerdict> tried, IReadOnlyDictionary<string, string> looksFor)
    {
        var names = tried.Select(verdict => verdict.Buildpack).Distinct()
            .Select(id => looksFor.TryGetValue(id, out var wanted) ? $"{id} ({wanted})" : id);
        return tried.Count == 0
            ? "This platform has no buildpacks: the folder they are installed in is empty."
            : $"No buildpack can build this app. Tried, with what each looks for: {string.Join("; ", names)}. Add what your kind of app needs to the top folder of the repository and push again.";
    }

    public static bool IsDiskFull(IOException e) => (e.HResult & 0xffff) == NoSpace || DiskFull.IsMatch(e.Message);

    /// <summary>What one line of output tells of a limit.</summary>
    public static void Read(string line, BuildObservations observed)
    {
        observed.OutOfDisk |= DiskFull.IsMatch(line);
        observed.OutOfProcesses |= CannotFork.IsMatch(line);
        observed.OutOfFiles |= TooManyFiles.IsMatch(line);
    }

    private static string Minutes(TimeSpan time) => time.TotalSeconds < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} seconds")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.#} minutes");

    private static string Size(long bytes) => bytes < 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.#} GB");
}

/// <summary>What the sandbox saw of the limits while the build ran.</summary>
internal sealed class BuildObservations(BuildsOptions limits)
{
    public BuildsOptions Limits { get; } = limits;

    /// <summary>Size of this build's disk: less than the limit where the host has not that much room.</summary>
    public long DiskBytes { get; init; } = limits.DiskBytes;

    public bool OutOfMemory { get; set; }

    public bool OutOfDisk { get; set; }

    public bool OutOfProcesses { get; set; }

    public bool OutOfFiles { get; set; }
}

namespace Paas.Buildpacks;

/// <summary>Runs a buildpack's bin/detect or bin/build: arguments and environment of CNB buildpack spec 0.12, "Detection" and "Build".
/// Every API also gets the positional arguments, as in the reference lifecycle: buildpacks in the wild use them.</summary>
internal sealed class BuildpackRun(LifecycleDirs dirs, Analysis analysis, RunInSandbox run)
{
    private static readonly BuildpackApi PathsInEnv = new(0, 8);
    private static readonly BuildpackApi TargetsInEnv = new(0, 10);
    private static readonly BuildpackApi ExecEnvInEnv = new(0, 12);

    /// <summary>Arguments: the platform directory, then for each buildpack its directory and its plan. What each says and its exit code are left beside its plan.</summary>
    private const string Together = """
        platform=$1
        shift
        while [ $# -gt 1 ]; do
          (
            export CNB_BUILDPACK_DIR="$1" CNB_BUILD_PLAN_PATH="$2"
            "$1/bin/detect" "$platform" "$2" > "${2%/*}/said" 2>&1
            echo $? > "${2%/*}/code"
          ) &
          shift 2
        done
        wait
        """;

    private readonly UntrustedTree _scratch = new(dirs.Scratch);

    public int Uid => dirs.OwnerOnHost?.Uid ?? analysis.Uid;

    public int Gid => dirs.OwnerOnHost?.Gid ?? analysis.Gid;

    public Task<(int ExitCode, IReadOnlyList<string> LastLines)> DetectAsync(
        Buildpack buildpack, Action<string> line, CancellationToken cancellationToken)
    {
        var plan = PreparePlan(DetectPlace(buildpack), "");
        var env = EnvOf(new BuildEnv(analysis.BaseEnv), buildpack);
        if (buildpack.Api >= PathsInEnv)
        {
            env.Set("CNB_BUILD_PLAN_PATH", plan);
        }

        return RunAsync(buildpack, "bin/detect", [LifecycleDirs.PlatformInside, plan], env, line, cancellationToken);
    }

    /// <summary>Runs bin/detect of several in one sandbox, side by side: most of a detection is the start of its sandbox.</summary>
    /// <param name="buildpacks">All <see cref="Buildpack.IsAskedTogether"/>, with <see cref="CanBeAskedTogether"/>.</param>
    /// <returns>By name and version, exit code and output of those that answered.</returns>
    public async Task<IReadOnlyDictionary<string, (int ExitCode, IReadOnlyList<string> Lines)>> DetectTogetherAsync(IReadOnlyList<Buildpack> buildpacks, CancellationToken cancellationToken)
    {
        IEnumerable<string> pairs = [.. buildpacks.SelectMany(buildpack => new[] { buildpack.Inside, PreparePlan(DetectPlace(buildpack), "") })];
        var env = EnvOf(new BuildEnv(analysis.BaseEnv), buildpacks[0]);
        await run(new SandboxCommand(["/bin/sh", "-c", Together, "sh", LifecycleDirs.PlatformInside, .. pairs], env.Variables, LifecycleDirs.WorkspaceInside, _ => { }), cancellationToken);
        return buildpacks.Select(buildpack => (Name: buildpack.ToString(), Answer: ReadAnswer(DetectPlace(buildpack))))
            .Where(item => item.Answer is not null)
            .ToDictionary(item => item.Name, item => item.Answer!.Value);
    }

    /// <summary>The environment of one is that of all.</summary>
    public static bool CanBeAskedTogether(Buildpack buildpack) =>
        buildpack is { IsAskedTogether: true, ClearEnv: false, Order: null } && buildpack.Api >= TargetsInEnv && buildpack.Api < ExecEnvInEnv;

    /// <summary>The build plan that bin/detect left; empty when it left none.</summary>
    /// <exception cref="InvalidDataException">It is no plain file, or too large.</exception>
    public string ReadPlan(Buildpack buildpack) => _scratch.ReadText($"{DetectPlace(buildpack)}/plan.toml") ?? "";

    /// <param name="soFar">What the buildpacks before this one left; not changed.</param>
    /// <param name="planEntries">Text of the plan that the buildpack reads.</param>
    public Task<(int ExitCode, IReadOnlyList<string> LastLines)> BuildAsync(
        Buildpack buildpack, BuildEnv soFar, string planEntries, Action<string> line, CancellationToken cancellationToken)
    {
        var plan = PreparePlan($"build-{buildpack.LayersName}", planEntries);
        var layers = $"{LifecycleDirs.LayersInside}/{buildpack.LayersName}";
        var env = EnvOf(soFar.Copy(), buildpack);
        if (buildpack.Api >= PathsInEnv)
        {
            env.Set("CNB_LAYERS_DIR", layers);
            env.Set("CNB_BP_PLAN_PATH", plan);
        }

        return RunAsync(buildpack, "bin/build", [layers, LifecycleDirs.PlatformInside, plan], env, line, cancellationToken);
    }

    private async Task<(int ExitCode, IReadOnlyList<string> LastLines)> RunAsync(
        Buildpack buildpack, string executable, IEnumerable<string> args, BuildEnv env, Action<string> line, CancellationToken cancellationToken)
    {
        const int kept = 20;
        var lines = new Queue<string>(kept);
        var command = new SandboxCommand([$"{buildpack.Inside}/{executable}", .. args], env.Variables, LifecycleDirs.WorkspaceInside, Take);
        var exitCode = await run(command, cancellationToken);
        lock (lines)
        {
            return (exitCode, [.. lines]);
        }

        // stdout and stderr may be read by two threads.
        void Take(string text)
        {
            lock (lines)
            {
                if (lines.Count == kept)
                {
                    lines.Dequeue();
                }

                lines.Enqueue(text);
            }

            line(text);
        }
    }

    private BuildEnv EnvOf(BuildEnv env, Buildpack buildpack)
    {
        if (!buildpack.ClearEnv)
        {
            foreach (var (name, contents) in EnvFiles.Read(new UntrustedTree(dirs.Platform), "env"))
            {
                env.ApplyUserFile(name, contents);
            }
        }

        if (dirs.BuildConfig is not null)
        {
            env.ApplyFiles(EnvFiles.Read(new UntrustedTree(dirs.BuildConfig), "env"), "default");
        }

        env.Set("CNB_BUILDPACK_DIR", buildpack.Inside);
        if (buildpack.Api >= PathsInEnv)
        {
            env.Set("CNB_PLATFORM_DIR", LifecycleDirs.PlatformInside);
        }

        if (buildpack.Api >= TargetsInEnv)
        {
            SetTarget(env, analysis.Target);
        }

        if (buildpack.Api >= ExecEnvInEnv)
        {
            env.Set("CNB_EXEC_ENV", ExecEnv.Name);
        }

        return env;
    }

    private static void SetTarget(BuildEnv env, Target target)
    {
        env.Set("CNB_TARGET_OS", target.Os);
        env.Set("CNB_TARGET_ARCH", target.Architecture);
        SetIfKnown("CNB_TARGET_ARCH_VARIANT", target.Variant);
        SetIfKnown("CNB_TARGET_DISTRO_NAME", target.DistributionName);
        SetIfKnown("CNB_TARGET_DISTRO_VERSION", target.DistributionVersion);

        void SetIfKnown(string name, string? value)
        {
            if (value is not null)
            {
                env.Set(name, value);
            }
        }
    }

    private (int ExitCode, IReadOnlyList<string> Lines)? ReadAnswer(string place)
    {
        try
        {
            return int.TryParse(_scratch.ReadText($"{place}/code"), out var code)
                ? (code, (_scratch.ReadText($"{place}/said") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
                : null;
        }
        catch (InvalidDataException)
        {
            // Not what our script leaves: it is asked again, alone.
            return null;
        }
    }

    /// <summary>A fresh directory that only this run can write to: the scratch directory itself stays root's.</summary>
    private string PreparePlan(string place, string text)
    {
        var directory = Path.Combine(dirs.Scratch, place);
        Directory.CreateDirectory(dirs.Scratch);
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        _scratch.CreateDirectory(place, Uid, Gid);
        _scratch.WriteText(place, "plan.toml", text, Uid, Gid);
        return $"{LifecycleDirs.ScratchInside}/{place}/plan.toml";
    }

    /// <summary>A version may be any text, also one that is no file name.</summary>
    private static string DetectPlace(Buildpack buildpack) =>
        $"detect-{buildpack.LayersName}-{string.Concat(buildpack.Version.Select(character => char.IsAsciiLetterOrDigit(character) || character == '.' ? character : '_'))}";
}

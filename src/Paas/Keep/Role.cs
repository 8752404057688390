using System.Collections;
using Paas.State;

namespace Paas.Keep;

/// <summary>One role that is kept: how it is started, and where its pid and its log are.</summary>
/// <param name="Name">"control" or "edge": the argument of the program, and its files' name.</param>
internal sealed record Role(string Name, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string PidFile, string Log)
{
    private const string SetPriv = "/usr/bin/setpriv";
    private const string LowPorts = "+net_bind_service";

    public static Role Control(KeepOptions options, PlatformHome home) => Of(
        "control",
        [options.Executable, "control"],
        new Dictionary<string, string>
        {
            // Memory before speed: by default the first generation grows with the processor's cache. 4 MB, in hexadecimal.
            ["DOTNET_GCgen0size"] = "400000",
            ["DOTNET_GCConserveMemory"] = "5",
            // Control waits for others most of its time: no second, instrumented copy of its code. (Without tiers it needs 10 MB less, but the
            // first page of the dashboard after a start waits for the slow compiler.)
            ["DOTNET_TieredPGO"] = "0",
            ["MALLOC_ARENA_MAX"] = "2",
        },
        home);

    /// <summary>Without root's power, but for low ports (443, and 53 on the gateway).</summary>
    /// <param name="account">Null: as this user.</param>
    public static Role Edge(KeepOptions options, PlatformHome home, EdgeAccount? account)
    {
        string[] role = [options.Executable, "edge"];
        return Of("edge", account is null ? role :
            [
                SetPriv, "--reuid", $"{account.Uid}", "--regid", $"{account.Gid}", "--clear-groups",
                "--inh-caps", LowPorts, "--ambient-caps", LowPorts, "--bounding-set", $"-all,{LowPorts}", "--no-new-privs", "--", .. role,
            ],
            new Dictionary<string, string>
            {
                // A fifth to a third less CPU per request (EdgeOptions.InlineCompletions is the other half of it).
                ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1",
                // 8 MB: the default is as large as the processor's cache, and stays committed.
                ["DOTNET_GCgen0size"] = "800000",
            },
            home);
    }

    /// <summary>What the role may know of this process's environment, and its own, as NAME=value.</summary>
    public IReadOnlyList<string> AllEnvironment(string home)
    {
        var all = new Dictionary<string, string>();
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
        {
            if (Name != "edge" || EdgeMayKnow((string)entry.Key))
            {
                all[(string)entry.Key] = (string?)entry.Value ?? "";
            }
        }

        all["PAAS_HOME"] = home;
        foreach (var (name, value) in Environment)
        {
            all[name] = value;
        }

        return [.. all.Select(static pair => $"{pair.Key}={pair.Value}")];
    }

    /// <summary>Strangers speak to the edge: it gets settings, and none of the tokens that whoever started the platform had in their shell.</summary>
    private static bool EdgeMayKnow(string name) => name is "PATH" or "LANG" or "TZ" or "TMPDIR"
        || name.StartsWith("DOTNET_", StringComparison.Ordinal) || name.StartsWith("LC_", StringComparison.Ordinal)
        || (name.StartsWith("PAAS_", StringComparison.Ordinal) && !name.EndsWith("_TOKEN", StringComparison.Ordinal));

    private static Role Of(string name, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, PlatformHome home) =>
        new(name, arguments, environment, Path.Combine(home.Run, $"{name}.pid"), Path.Combine(home.Logs, $"{name}.log"));
}

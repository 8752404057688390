using System.Text.Json.Serialization;

namespace Paas.Engine.Native.Bundles;

// The part of config.json that we write (OCI runtime-spec v1.0.2, config.md and config-linux.md).

internal sealed record RuntimeConfig(
    string OciVersion,
    RuntimeProcess Process,
    RuntimeRoot Root,
    string Hostname,
    IReadOnlyList<RuntimeMount> Mounts,
    RuntimeLinux Linux,
    IReadOnlyDictionary<string, string>? Annotations);

internal sealed record RuntimeProcess(
    bool Terminal,
    RuntimeUser User,
    IReadOnlyList<string> Args,
    IReadOnlyList<string> Env,
    string Cwd,
    RuntimeCapabilities Capabilities,
    bool NoNewPrivileges,
    IReadOnlyList<RuntimeLimit> Rlimits);

internal sealed record RuntimeUser(int Uid, int Gid);

internal sealed record RuntimeCapabilities(
    IReadOnlyList<string> Bounding,
    IReadOnlyList<string> Effective,
    IReadOnlyList<string> Permitted,
    IReadOnlyList<string> Inheritable,
    IReadOnlyList<string> Ambient);

internal sealed record RuntimeLimit(string Type, long Hard, long Soft);

internal sealed record RuntimeRoot(string Path, bool Readonly);

internal sealed record RuntimeMount(string Destination, string Type, string Source, IReadOnlyList<string> Options);

internal sealed record RuntimeLinux(
    IReadOnlyList<RuntimeNamespace> Namespaces,
    IReadOnlyList<RuntimeIdMapping>? UidMappings,
    IReadOnlyList<RuntimeIdMapping>? GidMappings,
    string CgroupsPath,
    RuntimeResources Resources,
    RuntimeSeccomp Seccomp,
    IReadOnlyList<string> MaskedPaths,
    IReadOnlyList<string> ReadonlyPaths,
    IReadOnlyDictionary<string, string> Sysctl);

internal sealed record RuntimeNamespace(string Type);

internal sealed record RuntimeIdMapping(
    [property: JsonPropertyName("containerID")] int ContainerId,
    [property: JsonPropertyName("hostID")] int HostId,
    int Size);

internal sealed record RuntimeResources(RuntimeMemory Memory, RuntimeCpu Cpu, RuntimePids Pids, IReadOnlyList<RuntimeDevice> Devices);

internal sealed record RuntimeMemory(long Limit, long? Swap);

internal sealed record RuntimeCpu(int Shares, long? Quota, long? Period);

internal sealed record RuntimePids(int Limit);

internal sealed record RuntimeDevice(bool Allow, string Access, string? Type, int? Major, int? Minor);

internal sealed record RuntimeSeccomp(
    string DefaultAction,
    int DefaultErrnoRet,
    IReadOnlyList<string> Architectures,
    IReadOnlyList<RuntimeSyscalls> Syscalls);

internal sealed record RuntimeSyscalls(IReadOnlyList<string> Names, string Action, int? ErrnoRet, IReadOnlyList<RuntimeArgument>? Args);

internal sealed record RuntimeArgument(int Index, ulong Value, ulong ValueTwo, string Op);

/// <summary>What `conmon` writes to its sync pipe: the pid, or a negative number and why.</summary>
internal sealed record ConmonAnswer(int? Data, int? Pid, string? Message);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RuntimeConfig))]
[JsonSerializable(typeof(ConmonAnswer))]
internal sealed partial class RuntimeJson : JsonSerializerContext;

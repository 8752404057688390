using System.Text.Json;
using System.Text.Json.Serialization;
using Paas.Oci;

namespace Paas.Engine.Native.Instances;

/// <summary>What the next control needs to adopt a running instance. Kept on the tmpfs: it says nothing after a reboot.</summary>
/// <param name="Version">Of this record; another one is not adopted but replaced.</param>
/// <param name="Slot">0 or 1: which of the two names the runtime knows it by.</param>
/// <param name="InitStart">With the pid it names the process for good (<see cref="Interop.PidWatch.StartTime"/>).</param>
internal sealed record InstanceHandle(
    int Version,
    int Index,
    int Slot,
    string Run,
    string? Address,
    int InitPid,
    long InitStart,
    int ConmonPid,
    long ConmonStart,
    DateTimeOffset Since)
{
    public const int Current = 1;

    /// <summary>What asks it to end, as its image says; null: SIGTERM.</summary>
    public int? StopSignal { get; init; }
}

/// <summary>The wish for a process and the handles of what runs for it: one file for each process, 0600, plaintext inside.</summary>
internal sealed record ProcessRecord(int Version, ProcessSpec Spec, IReadOnlyList<InstanceHandle> Instances);

/// <summary>Process records in one directory of the tmpfs.</summary>
internal sealed class ProcessRecords(string directory)
{
    public void Save(ProcessRecord record)
    {
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = PathOf(record.Spec.Key);
        using (var stream = new FileStream(path + ".new", new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            JsonSerializer.Serialize(stream, record, RecordJson.Default.ProcessRecord);
        }

        File.Move(path + ".new", path, overwrite: true);
    }

    public void Remove(ProcessKey key) => File.Delete(PathOf(key));

    /// <summary>Those that this version can read; another's are left to the sweep.</summary>
    public IEnumerable<ProcessRecord> Load()
    {
        foreach (var path in Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*.json") : [])
        {
            if (TryRead(path) is { Version: InstanceHandle.Current } record)
            {
                yield return record;
            }
        }
    }

    private static ProcessRecord? TryRead(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, RecordJson.Default.ProcessRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string PathOf(ProcessKey key) => Path.Combine(directory, $"{key}.json");
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProcessRecord))]
[JsonSerializable(typeof(Digest))]
internal sealed partial class RecordJson : JsonSerializerContext;

using Paas.Oci;

namespace Paas.Engine.Native.Instances;

public sealed class ProcessRecordsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-records-").FullName;

    private ProcessRecord Record { get; } = new(
        InstanceHandle.Current,
        new ProcessSpec
        {
            Key = new ProcessKey("hello", 3, 1, "web"),
            Count = 2,
            Image = Digest.Of([1]),
            Args = ["a", "b"],
            Env = new Dictionary<string, string> { ["SECRET"] = "x" },
            Port = 8080,
            Limits = new Limits { Cpus = 0.5, DiskBytes = 7 },
            StopGrace = TimeSpan.FromSeconds(3),
        },
        [new InstanceHandle(InstanceHandle.Current, 2, 1, "abcd", "10.9.0.7", 11, 12, 13, 14, DateTimeOffset.UnixEpoch)]);

    [Fact]
    public void What_was_saved_is_loaded_whole()
    {
        var records = new ProcessRecords(_directory);

        records.Save(Record);
        var loaded = Assert.Single(records.Load());

        Assert.Equivalent(Record, loaded, strict: true);
        records.Remove(Record.Spec.Key);
        Assert.Empty(records.Load());
    }

    [Fact]
    public void Only_its_owner_can_read_it()
    {
        new ProcessRecords(_directory).Save(Record);

        var file = Assert.Single(Directory.GetFiles(_directory));
        Assert.Equal("hello.v3-1.web.json", Path.GetFileName(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void Another_version_and_a_torn_file_are_passed_over()
    {
        var records = new ProcessRecords(_directory);
        records.Save(Record with { Version = 99 });
        File.WriteAllText(Path.Combine(_directory, "torn.json"), "{");

        Assert.Empty(records.Load());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}

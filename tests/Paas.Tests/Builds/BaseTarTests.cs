using System.Formats.Tar;
using System.Text;

namespace Paas.Builds;

public sealed class BaseTarTests
{
    [Fact]
    public async Task Users_of_the_specification_are_added()
    {
        var files = await RewriteAsync(null, ("./etc/passwd", "root:x:0:0::/root:/bin/bash\n"), ("./etc/group", "root:x:0:\n"));

        Assert.Equal("root:x:0:0::/root:/bin/bash\ncnb:x:1001:1000::/home/cnb:/bin/bash\napp:x:1002:1000::/home/app:/bin/bash\n", files["etc/passwd"].Text);
        Assert.Equal("root:x:0:\ncnb:x:1000:\n", files["etc/group"].Text);
        Assert.Equal((1001, 1000), files["workspace/"].Owner);
        Assert.Equal((1002, 1000), files["home/app/"].Owner);
    }

    [Fact]
    public async Task What_belongs_to_this_machine_stays_out()
    {
        var files = await RewriteAsync(
            null, ("./etc/hostname", "my-laptop"), ("./etc/resolv.conf", "nameserver 10.0.0.1"), ("./var/log/dpkg.log", "log"),
            ("./etc/apt/apt.conf.d/99mmdebstrap", "Acquire::http::Proxy \"http://me:secret@proxy.lan\";\n"), ("./etc/apt/sources.list", "deb http://me:secret@mirror.lan trixie main\n"));

        Assert.Equal("", files["etc/hostname"].Text);
        Assert.Equal("", files["etc/resolv.conf"].Text);
        Assert.DoesNotContain("var/log/dpkg.log", files.Keys);
        Assert.DoesNotContain(files.Values, file => file.Text.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_build_image_knows_what_the_run_image_has()
    {
        var status = "Package: libc6\nVersion: 2.41-12\n"u8.ToArray();

        Assert.Equal("Package: libc6\nVersion: 2.41-12\n", (await RewriteAsync(status))["cnb/run/dpkg-status"].Text);
        Assert.DoesNotContain("cnb/run/dpkg-status", (await RewriteAsync(null)).Keys);
    }

    [Fact]
    public async Task The_same_input_gives_the_same_bytes()
    {
        using var first = await WriteAsync(new BaseTar(Recipe(), [], null), ("./a", "1"), ("./etc/passwd", "x\n"));
        using var second = await WriteAsync(new BaseTar(Recipe(), [], null), ("./a", "1"), ("./etc/passwd", "x\n"));

        Assert.Equal(first.ToArray(), second.ToArray());
    }

    [Fact]
    public void Packages_are_read_from_dpkgs_status()
    {
        var packages = StackImage.Packages("Package: bash\nStatus: install ok installed\nVersion: 5.2\nDescription: shell\n Version: no\n\nPackage: adduser\nVersion: 1:3.1\n"u8.ToArray());

        Assert.Equal([new("adduser", "1:3.1"), new("bash", "5.2")], packages);
    }

    private static StackRecipe Recipe() => new()
    {
        Id = "run",
        Description = "",
        Suite = "trixie",
        Version = "13",
        Variant = "essential",
        Components = ["main"],
        Packages = ["bash"],
        PathExcludes = [],
        PathIncludes = [],
        User = 1002,
        Created = DateTimeOffset.UnixEpoch,
    };

    private static async Task<Dictionary<string, (string Text, (int, int) Owner)>> RewriteAsync(byte[]? runStatus, params (string Name, string Text)[] input)
    {
        using var output = await WriteAsync(new BaseTar(Recipe(), [], runStatus), input);
        var files = new Dictionary<string, (string, (int, int))>();
        using var reader = new TarReader(output);
        while (await reader.GetNextEntryAsync(copyData: true, TestContext.Current.CancellationToken) is { } entry)
        {
            using var text = new StreamReader(entry.DataStream ?? Stream.Null);
            files.Add(entry.Name, (await text.ReadToEndAsync(TestContext.Current.CancellationToken), (entry.Uid, entry.Gid)));
        }

        return files;
    }

    private static async Task<MemoryStream> WriteAsync(BaseTar tar, params (string Name, string Text)[] input)
    {
        using var source = new MemoryStream();
        using (var writer = new TarWriter(source, TarEntryFormat.Gnu, leaveOpen: true))
        {
            await writer.WriteEntryAsync(new GnuTarEntry(TarEntryType.Directory, "./"), TestContext.Current.CancellationToken);
            foreach (var (name, text) in input)
            {
                await writer.WriteEntryAsync(
                    new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), ModificationTime = DateTimeOffset.UnixEpoch },
                    TestContext.Current.CancellationToken);
            }
        }

        source.Position = 0;
        var output = new MemoryStream();
        await tar.RewriteAsync(source, output, TestContext.Current.CancellationToken);
        output.Position = 0;
        return output;
    }
}

namespace Paas.Engine.Native.Roots;

public sealed class ImageUserTests : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("paas-user-").FullName;
    private readonly string _bottom = Directory.CreateTempSubdirectory("paas-user-").FullName;

    public ImageUserTests()
    {
        Directory.CreateDirectory(Path.Combine(_bottom, "etc"));
        File.WriteAllText(Path.Combine(_bottom, "etc", "passwd"), "root:x:0:0::/root:/bin/sh\nweb:x:1002:1003::/app:/bin/sh\n");
        File.WriteAllText(Path.Combine(_bottom, "etc", "group"), "root:x:0:\nstaff:x:50:\n");
    }

    [Theory]
    [InlineData(null, 0, 0)]
    [InlineData("1000", 1000, 0)]
    [InlineData("1000:1001", 1000, 1001)]
    [InlineData("web", 1002, 1003)]
    [InlineData("1002", 1002, 1003)]
    [InlineData("web:staff", 1002, 50)]
    public void Users_are_numbers_or_names_of_the_image(string? user, int uid, int gid) =>
        Assert.Equal((uid, gid), ImageUser.Resolve(user, [_top, _bottom]));

    [Fact]
    public void A_name_the_image_does_not_have_is_a_sentence() =>
        Assert.Contains("has no such name", Assert.Throws<EngineException>(() => ImageUser.Resolve("ghost", [_top, _bottom])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_link_out_of_the_image_is_not_followed()
    {
        Directory.CreateDirectory(Path.Combine(_top, "etc"));
        File.CreateSymbolicLink(Path.Combine(_top, "etc", "passwd"), "/etc/passwd");

        Assert.Equal((1002, 1003), ImageUser.Resolve("web", [_top, _bottom]));
        Assert.Throws<EngineException>(() => ImageUser.Resolve("daemon", [_top, _bottom]));
    }

    public void Dispose()
    {
        Directory.Delete(_top, recursive: true);
        Directory.Delete(_bottom, recursive: true);
    }
}

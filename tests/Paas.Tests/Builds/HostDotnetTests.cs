namespace Paas.Builds;

public sealed class HostDotnetTests
{
    [Fact]
    public void A_folder_with_an_SDK_is_shown_to_builds_unless_others_may_write_to_it()
    {
        using var folder = new TempFolder();
        var runtime = Path.GetDirectoryName(folder.Write("runtime/dotnet", ""))!;
        var open = Path.GetDirectoryName(folder.Write("open/dotnet", ""))!;
        var sdk = Path.GetDirectoryName(folder.Write("sdk/dotnet", ""))!;
        Directory.CreateDirectory(Path.Combine(open, "sdk"));
        Directory.CreateDirectory(Path.Combine(sdk, "sdk"));
        File.SetUnixFileMode(sdk, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(open, File.GetUnixFileMode(open) | UnixFileMode.OtherWrite);

        Assert.Equal(sdk, HostDotnet.Find(["/nowhere", runtime, open, sdk]));
        Assert.Null(HostDotnet.Find([runtime, open]));
    }
}

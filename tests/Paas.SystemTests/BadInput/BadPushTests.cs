using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.BadInput;

/// <summary>What people push by mistake: a sentence on their terminal, the platform unharmed, the old release serving.</summary>
public sealed class BadPushTests(Platform platform)
{
    [Fact]
    public async Task A_commit_without_files_is_refused()
    {
        await using var app = await PushedApp.CreateAsync(platform, null);
        await app.CommitAsync("Nothing");
        var push = await app.PushAsync();

        Assert.NotEqual(0, push.Code);
        Assert.Contains("holds no files: add your app's files, commit and push again.", push.Error, StringComparison.Ordinal);
        Assert.Equal("empty", (await app.ViewAsync()).State);
    }

    [Fact]
    public async Task A_link_out_of_the_tree_is_refused_and_the_old_release_serves_on()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        (await app.PushAsync()).Succeeded();
        File.CreateSymbolicLink(Path.Combine(app.Folder, "out"), "../../etc/passwd");
        await app.CommitAsync("Link");
        var push = await app.PushAsync();

        Assert.NotEqual(0, push.Code);
        Assert.Contains("The symlink 'out' -> '../../etc/passwd' leads out of the repository", push.Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await app.VisitAsync()).Status);
    }

    [Fact]
    public async Task Hostile_file_names_are_files_like_others()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        string[] names = ["a\nb", "$(touch pwned)", "`id`", "-rf", "'\"; $PORT {", "größe/日本 語.txt"];
        foreach (var name in names)
        {
            await app.WriteAsync(name, "hostile");
        }

        await app.CommitAsync("Names");
        var push = (await app.PushAsync()).Succeeded();

        Assert.Contains(@"'a\nb'", push.Error, StringComparison.Ordinal);
        Assert.Equal("hostile", (await app.VisitAsync("/%24(touch%20pwned)")).Body);
        Assert.Equal("hostile", (await app.VisitAsync("/größe/日本 語.txt")).Body);
        Assert.Equal(HttpStatusCode.NotFound, (await app.VisitAsync("/pwned")).Status);
    }

    [Fact]
    public async Task A_procfile_from_windows_is_understood()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        (await app.PushChangeAsync("Procfile", "web: node server.js\r\n# a comment\r\n")).Succeeded();
        Assert.Equal($"Hello from {app.Name} v1\n", (await app.VisitAsync()).Body);
    }

    [Theory]
    [InlineData("Procfile", "web node server.js\n", "Procfile line 1 is not 'type: command': web node server.js.")]
    [InlineData("package.json", "{ \"dependencies\": { \"ms\": \"2.1.3\" } }", "there is no package-lock.json")]
    public async Task A_fault_of_the_build_is_told_once_and_the_old_release_serves_on(string file, string text, string sentence)
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        (await app.PushAsync()).Succeeded();
        (await app.GitAsync("rm", "--quiet", "package-lock.json")).Succeeded();
        var push = await app.PushChangeAsync(file, text);

        Assert.NotEqual(0, push.Code);
        Assert.Equal(2, push.Error.Split(sentence).Length);
        Assert.Contains("v1 goes on serving.", push.Error, StringComparison.Ordinal);
        Assert.Equal($"Hello from {app.Name} v1\n", (await app.VisitAsync()).Body);
    }

    [Theory]
    [InlineData("admin", "reserved")]
    [InlineData("Bad_Name", "cannot be an app's name")]
    [InlineData("-x", "cannot be an app's name")]
    [InlineData("a\nb", "cannot be an app's name")]
    [InlineData("$(reboot)", "cannot be an app's name")]
    public async Task A_name_that_is_none_is_refused(string name, string why)
    {
        platform.SkipIfMissing();
        var (status, body) = await platform.SendAsync(HttpMethod.Post, "/apps", new CreateApp(name), TestContext.Current.CancellationToken);

        Assert.NotEqual(HttpStatusCode.Created, status);
        Assert.Contains(why, System.Text.RegularExpressions.Regex.Unescape(body), StringComparison.Ordinal);
    }
}

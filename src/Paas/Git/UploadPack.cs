using System.Diagnostics;
using Microsoft.Extensions.Options;

namespace Paas.Git;

/// <summary>Clone and fetch, and the advertisements of both services: git's bytes to the client as they come.</summary>
internal sealed class UploadPack(GitProcess git, GitRepositories repositories, IOptions<GitOptions> options)
{
    public static IEnumerable<string> Arguments(string repository, params string[] more) =>
        ["-c", "uploadpack.allowFilter=true", "upload-pack", "--stateless-rpc", "--strict", .. more, repository];

    public async Task ServeAsync(HttpContext context, long appId, IReadOnlyDictionary<string, string> environment)
    {
        var repository = await repositories.EnsureAsync(appId, context.RequestAborted);
        using var process = git.Start(Arguments(repository), environment);
        var feeding = new RequestFeed(context.Request, options.Value.IdleTimeout).CopyAsync(process.StandardInput.BaseStream, context.RequestAborted);
        await RelayAsync(process, context);
        await feeding;
    }

    /// <summary>The answer to info/refs after its "# service" line.</summary>
    public async Task AdvertiseAsync(HttpContext context, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        using var process = git.Start(arguments, environment);
        process.StandardInput.Close();
        await RelayAsync(process, context);
    }

    /// <summary>Ends git when the client goes away: nothing is lost.</summary>
    private static async Task RelayAsync(Process process, HttpContext context)
    {
        using var killed = context.RequestAborted.Register(process.Kill);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var buffer = new byte[65536];
        var output = process.StandardOutput.BaseStream;
        int count;
        while ((count = await output.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }

        await process.WaitForExitAsync(context.RequestAborted);
        await errors;
    }
}

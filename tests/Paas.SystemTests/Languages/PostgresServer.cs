using System.Diagnostics;
using System.Globalization;
using Paas.Testing;

namespace Paas.Languages;

/// <summary>Debian's PostgreSQL with one user and one database, on a host of the internet; gone when disposed.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Password = "s3cret";

    private static readonly string Unpacked = Path.Combine(Environment.GetEnvironmentVariable("PAAS_CACHE") is { Length: > 0 } cache ? cache : "/var/cache/paas", "tests/postgresql");

    /// <summary>PostgreSQL refuses to be run by root.</summary>
    private static readonly string[] AsNobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"];

    private readonly string _folder = Directory.CreateTempSubdirectory("paas-postgres-").FullName;
    private readonly Outside _outside;
    private readonly string _programs;
    private Process? _process;

    private PostgresServer(Outside outside, string programs) => (_outside, _programs) = (outside, programs);

    public string Url => $"postgresql://postgres:{Password}@{_outside.Address}:5432/postgres";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<PostgresServer> StartAsync(Outside outside)
    {
        var programs = new[] { "/", Unpacked }.Select(root => Path.Combine(root, "usr/lib/postgresql")).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "initdb", SearchOption.AllDirectories)).Select(Path.GetDirectoryName).FirstOrDefault();
        Assert.SkipWhen(programs is null, "PostgreSQL is neither installed nor unpacked: run tests/run.sh");
        var server = new PostgresServer(outside, programs!);
        try
        {
            await server.ServeAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            // SIGINT ends its sessions and itself ("Fast Shutdown").
            await Command.RunAsync("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)], CancellationToken.None);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task ServeAsync()
    {
        var (password, data) = (Path.Combine(_folder, "password"), Path.Combine(_folder, "data"));
        await File.WriteAllTextAsync(password, Password, Cancelled);
        (await Command.RunAsync("chown", ["-R", "nobody", _folder], Cancelled)).Succeeded();
        (await RunAsync("initdb", "--pgdata", data, "--username=postgres", $"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")).Succeeded();
        await File.AppendAllTextAsync(Path.Combine(data, "pg_hba.conf"), "host all all all scram-sha-256\n", Cancelled);
        var start = new ProcessStartInfo(_outside.Enter[0], [.. _outside.Enter[1..], .. AsNobody, Path.Combine(_programs, "postgres"), "-D", data, "-k", _folder, "-c", "listen_addresses=*", "-c", "fsync=off", "-c", "log_min_messages=fatal"])
        {
            WorkingDirectory = _folder,
        };
        foreach (var (name, value) in Environ())
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        for (var tries = 0; (await RunAsync("pg_isready", "--host", _outside.Address.ToString())).Code != 0; tries++)
        {
            Assert.True(tries < 300 && !_process.HasExited, "PostgreSQL did not start.");
            await Task.Delay(100, Cancelled);
        }
    }

    private Task<Ended> RunAsync(string program, params string[] arguments) =>
        Command.RunAsync(AsNobody[0], [.. AsNobody[1..], Path.Combine(_programs, program), .. arguments], Cancelled, _folder, Environ());

    private Dictionary<string, string> Environ() => _programs.StartsWith(Unpacked, StringComparison.Ordinal)
        ? new() { ["LD_LIBRARY_PATH"] = string.Join(':', Directory.EnumerateDirectories(Path.Combine(Unpacked, "usr/lib"), "*-linux-gnu")) }
        : [];
}

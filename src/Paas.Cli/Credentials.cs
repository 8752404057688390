using System.Text.Json;
using System.Text.Json.Serialization;

namespace Paas.Cli;

/// <summary>Tokens per platform, in ${XDG_CONFIG_HOME:-~/.config}/paas/credentials.json, readable by their owner alone.</summary>
internal sealed class Credentials
{
    private readonly string _file;
    private readonly CredentialsFile _content;

    private Credentials(string file, CredentialsFile content)
    {
        _file = file;
        _content = content;
    }

    /// <summary>The platform signed in to last; null when there is none.</summary>
    public Uri? Current => _content.Current is { } url ? Platforms.Parse(url) : null;

    /// <summary>The person's own, once somebody has signed in.</summary>
    public string Folder => Path.GetDirectoryName(_file)!;

    public static Credentials Of(Surroundings surroundings)
    {
        var folder = surroundings.Variable("XDG_CONFIG_HOME") ?? Path.Combine(surroundings.Variable("HOME") ?? "/root", ".config");
        var file = Path.Combine(folder, "paas", "credentials.json");
        try
        {
            return new Credentials(file, JsonSerializer.Deserialize(File.ReadAllBytes(file), CredentialsJson.Default.CredentialsFile) ?? new CredentialsFile());
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Credentials(file, new CredentialsFile());
        }
        catch (JsonException)
        {
            throw new CliError(ExitCodes.NoPlatform, $"The file {file} is damaged. Remove it and sign in again with: paas login");
        }
    }

    public string? TokenOf(Uri platform) => _content.Platforms.GetValueOrDefault(Platforms.Text(platform))?.Token;

    /// <summary>Keeps the token and makes the platform the current one.</summary>
    public void SignIn(Uri platform, string user, string token)
    {
        _content.Platforms[Platforms.Text(platform)] = new SignedIn(user, token);
        _content.Current = Platforms.Text(platform);
        Save();
    }

    /// <summary>False when it was not signed in there.</summary>
    public bool SignOut(Uri platform)
    {
        var was = _content.Platforms.Remove(Platforms.Text(platform));
        if (_content.Current == Platforms.Text(platform))
        {
            _content.Current = _content.Platforms.Keys.FirstOrDefault();
        }

        Save();
        return was;
    }

    private void Save()
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var folder = Path.GetDirectoryName(_file)!;
        Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        File.SetUnixFileMode(folder, OwnerOnly | UnixFileMode.UserExecute);
        var next = $"{_file}.{Environment.ProcessId}";
        using (var stream = new FileStream(next, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            JsonSerializer.Serialize(stream, _content, CredentialsJson.Default.CredentialsFile);
            stream.Flush(flushToDisk: true);
        }

        File.Move(next, _file, overwrite: true);
    }
}

/// <summary>The file as it is on disk.</summary>
internal sealed class CredentialsFile
{
    public string? Current { get; set; }

    public Dictionary<string, SignedIn> Platforms { get; init; } = new(StringComparer.Ordinal);
}

internal sealed record SignedIn(string User, string Token);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(CredentialsFile))]
internal sealed partial class CredentialsJson : JsonSerializerContext;

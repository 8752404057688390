using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Paas.Client;

namespace Paas.Cli;

/// <summary>One invocation: its options, the platform it goes to and the app it is about.</summary>
internal sealed class Call(ParseResult parsed, Surroundings surroundings) : IDisposable
{
    private PaasClient? _client;

    public Surroundings Surroundings => surroundings;

    public TextWriter Out => surroundings.Out;

    public bool Json => parsed.GetValue(GlobalOptions.Json);

    public string? Url => parsed.GetValue(GlobalOptions.Url);

    public DateTimeOffset Now => surroundings.Time.GetUtcNow();

    /// <summary>Signed in, or a <see cref="CliError"/> says how to sign in.</summary>
    public PaasClient Client => _client ??= Connect();

    public T? Value<T>(Argument<T> argument) => parsed.GetValue(argument);

    public T? Value<T>(Option<T> option) => parsed.GetValue(option);

    public bool Has(Option option) => parsed.GetResult(option) is { Implicit: false };

    public void Dispose() => _client?.Dispose();

    /// <summary>--app, else the app of the git remote in the current folder.</summary>
    public async Task<string> AppAsync(CancellationToken cancellationToken) => parsed.GetValue(GlobalOptions.App)
        ?? AppRemotes.AppOf(await GitFolder.RemotesAsync(surroundings, cancellationToken), Client.Platform);

    public Table Table(params string[] headings) => new(surroundings, headings);

    /// <summary>A line of text: what others wrote in it cannot rewrite the terminal.</summary>
    public void Print(string? line) => Out.WriteLine(surroundings.OutIsTerminal && !Json ? TerminalText.Of(line ?? "") : line);

    /// <summary>A change that has no answer but that it was done: nothing when JSON was asked for.</summary>
    public void Done(string sentence)
    {
        if (!Json)
        {
            Print(sentence);
        }
    }

    /// <summary>As JSON when asked for, else by the given writer.</summary>
    public void Show<T>(T value, JsonTypeInfo<T> type, Action<T> asText)
    {
        if (Json)
        {
            Out.WriteLine(JsonText.Of(value, type));
        }
        else
        {
            asText(value);
        }
    }

    public void Say(ChangeView change) => Show(change, ContractJson.Default.ChangeView, view => Print(view.Sentence));

    /// <summary>Shows that it works while a change takes long.</summary>
    public Task<T> WorkingAsync<T>(string what, Task<T> work, CancellationToken cancellationToken) => Working.ShowAsync(surroundings, what, work, cancellationToken);

    private PaasClient Connect()
    {
        var platform = Platforms.Choose(Url, surroundings, Credentials.Of(surroundings));
        return platform.Token is { } token
            ? new PaasClient(platform.Url, token, surroundings.Time)
            : throw new CliError(ExitCodes.NoPlatform, $"You are not signed in to {Platforms.Text(platform.Url)}. Sign in with: paas login --url {Platforms.Text(platform.Url)}");
    }
}

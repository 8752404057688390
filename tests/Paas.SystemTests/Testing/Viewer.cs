using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;
using Paas.Client;

namespace Paas.Testing;

/// <summary>One person before the dashboard: a browser of their own with one page, and everything that went wrong in it.</summary>
public sealed class Viewer : IAsyncDisposable
{
    /// <summary>How long anything may take, in ms: only a fault takes that long, whatever else the machine does.</summary>
    public const float Patience = 60_000;

    private readonly Platform _platform;
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly List<string> _expected = [];

    public Viewer(Platform platform, IBrowserContext context, IPage page)
    {
        (_platform, Context, Page) = (platform, context, page);
        context.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _faults.Enqueue($"console of {message.Page?.Url}: {message.Text} ({message.Location})");
            }
        };
        context.WebError += (_, error) => _faults.Enqueue($"error on {error.Page?.Url}: {error.Error}");
    }

    public IBrowserContext Context { get; }

    public IPage Page { get; }

    /// <summary>What the browser complained of and no test expects.</summary>
    public IReadOnlyList<string> Faults => [.. _faults.Where(fault => !_expected.Exists(part => fault.Contains(part, StringComparison.Ordinal)))];

    /// <summary>Complaints with one of these parts belong to the test: an answer 400, a connection that is cut.</summary>
    public void Expect(params string[] parts) => _expected.AddRange(parts);

    /// <summary>The address of a new one-time link.</summary>
    public async Task<string> LinkAsync()
    {
        var (status, body) = await _platform.SendAsync(HttpMethod.Post, "/signin-links", null, TestContext.Current.CancellationToken);
        Assert.True((int)status < 300, $"{status} {body}");
        return JsonSerializer.Deserialize(body, ContractJson.Default.SignInLinkView)!.Url;
    }

    /// <summary>Signs in by a one-time link and waits until the page answers.</summary>
    /// <param name="place">"/apps/shop".</param>
    public async Task SignInAsync(string place = "/")
    {
        await Page.GotoAsync($"{await LinkAsync()}?return={Uri.EscapeDataString(place)}");
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in as admin" }).ClickAsync();
        await LiveAsync(Page);
    }

    /// <summary>Goes to a place of the dashboard and waits until it answers.</summary>
    public async Task GoAsync(string place)
    {
        await OpenAsync(place);
        await LiveAsync(Page);
    }

    /// <summary>Opens an address that has no circuit, or is not to be waited for.</summary>
    public Task<IResponse?> OpenAsync(string place) => Page.GotoAsync(_platform.Url + place);

    /// <summary>Another page of the same browser.</summary>
    public async Task<IPage> SecondAsync(string place)
    {
        var page = await Context.NewPageAsync();
        await page.GotoAsync(_platform.Url + place);
        await LiveAsync(page);
        return page;
    }

    /// <summary>Waits until the page is no longer only drawn but answers.</summary>
    public static Task LiveAsync(IPage page) => Assertions.Expect(page.Locator(".frame[data-live]")).ToBeAttachedAsync();

    public ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public ILocator Row(string name) => Page.GetByRole(AriaRole.Row, new() { Name = name });

    /// <summary>The place's own content, without navigation.</summary>
    public ILocator Main => Page.GetByRole(AriaRole.Main);

    public async ValueTask DisposeAsync() => await Context.DisposeAsync();
}

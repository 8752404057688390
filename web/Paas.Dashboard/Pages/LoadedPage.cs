using Microsoft.AspNetCore.Components;
using Paas.Client;
using Paas.Dashboard.Live;

namespace Paas.Dashboard.Pages;

/// <summary>A page that shows one model: loaded with the session's right, loaded again when its app changes, handed over from the
/// first rendering to the live one. Put the content into WhenLoaded.</summary>
public abstract class LoadedPage<TModel> : Page, IDisposable
    where TModel : class
{
    private readonly CancellationTokenSource _leaving = new();
    private IDisposable? _listening;
    private string? _address;
    private TModel? _model;

    protected LoadedPage() => Leaving = _leaving.Token;

    /// <summary>The app of the page's address; null on pages that are not of one app.</summary>
    [Parameter]
    public string? App { get; set; }

    [Inject]
    protected Session Session { get; private set; } = null!;

    [Inject]
    protected LiveFeed Live { get; private set; } = null!;

    [Inject]
    protected NavigationManager Navigation { get; private set; } = null!;

    [Inject]
    private Handover Handover { get; set; } = null!;

    /// <summary>The API, with the session's right.</summary>
    protected PaasClient Client { get; private set; } = null!;

    /// <summary>What <see cref="LoadAsync"/> returned last; use it inside WhenLoaded only.</summary>
    protected TModel Model => _model ?? throw new InvalidOperationException("The page has not loaded: put its content into WhenLoaded.");

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Leaving { get; }

    public override bool IsLoaded => _model is not null;

    /// <summary>Everything the page shows.</summary>
    protected abstract Task<TModel> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Whether a change of the app is worth loading again; default: every one.</summary>
    /// <param name="events">Null: everything may have changed.</param>
    protected virtual bool Concerns(IReadOnlyList<EventView>? events) => true;

    /// <summary>Another address begins on the same page: what belonged to the one before is forgotten.</summary>
    protected virtual void Entered()
    {
    }

    public override async Task ReloadAsync()
    {
        try
        {
            (_model, Error) = (await LoadAsync(Leaving), null);
            (GoneApp, NewName) = (null, null);
        }
        catch (OperationCanceledException) when (Leaving.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error) when (IsExpected(error))
        {
            Fail(error);
        }

        StateHasChanged();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_address == Navigation.Uri)
        {
            return;
        }

        _listening?.Dispose();
        (_address, _model, Error) = (Navigation.Uri, null, null);
        (GoneApp, NewName) = (null, null);
        Entered();
        try
        {
            await BeginAsync(_address);
        }
        catch (OperationCanceledException) when (Leaving.IsCancellationRequested)
        {
            // Left before it was loaded.
        }
        catch (Exception error) when (IsExpected(error))
        {
            Fail(error);
        }
    }

    public void Dispose()
    {
        _listening?.Dispose();
        _leaving.Cancel();
        _leaving.Dispose();
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    private async Task BeginAsync(string address)
    {
        Client = await Session.ClientAsync();
        var who = await Session.WhoAsync(Leaving);
        await Live.EnterAsync(Leaving);
        var key = new Handover.Key(who.Team, who.User, address);
        var changes = App is null ? 0 : Live.State.ChangesOf(App);
        if (RendererInfo.IsInteractive)
        {
            _listening = Live.Listen(App, ChangedAsync);
            _model = Handover.Take(key, changes) as TModel ?? await LoadAsync(Leaving);
        }
        else
        {
            _model = await LoadAsync(Leaving);
            Handover.Put(key, _model, changes);
        }
    }

    private Task ChangedAsync(IReadOnlyList<EventView>? events)
    {
        if (App is not null && events?.LastOrDefault(view => view.Kind is "app.gone" or "app") is { Kind: "app.gone" } gone)
        {
            return InvokeAsync(() =>
            {
                (GoneApp, NewName) = (App, gone.NewName);
                StateHasChanged();
            });
        }

        return Concerns(events) ? InvokeAsync(ReloadAsync) : Task.CompletedTask;
    }

    private void Fail(Exception error)
    {
        Error = error;
        GoneApp = error is ProblemException { Code: "app_not_found" } ? App : GoneApp;
    }

    /// <summary>What can be told on the page; anything else is a fault of ours and ends at the error boundary.</summary>
    private static bool IsExpected(Exception error) => error is ProblemException or HttpRequestException or IOException;
}

using Microsoft.JSInterop;

namespace Paas.Dashboard.Controls;

/// <summary>The half of a control that is JavaScript: the object that a function of its module returned, which has a method `dispose`.</summary>
/// <remarks>Who clicks quickly is gone before a script has come: one that comes too late is never opened, or closed at once.</remarks>
/// <param name="module">"./assets/chart.js".</param>
internal sealed class ControlScript(IJSRuntime js, string module) : IAsyncDisposable
{
    private IJSObjectReference? _half;

    /// <summary>Another one with every opening and with the end: whoever waited meanwhile is late.</summary>
    private int _turn;

    public bool IsOpen => _half is not null;

    /// <summary>Calls a function of the module and keeps what it returns, in place of what was open before.</summary>
    /// <param name="arguments">Asked for when the module has come.</param>
    public async Task OpenAsync(string function, Func<object?[]> arguments)
    {
        var turn = ++_turn;
        try
        {
            await CloseAsync();
            await using var loaded = await js.InvokeAsync<IJSObjectReference>("import", module);
            if (turn != _turn)
            {
                return;
            }

            var half = await loaded.InvokeAsync<IJSObjectReference>(function, arguments());
            if (turn == _turn)
            {
                _half = half;
                return;
            }

            await EndAsync(half);
        }
        catch (JSDisconnectedException)
        {
            // The page has gone; its script with it.
        }
    }

    /// <summary>Calls a method of what is open; nothing when nothing is.</summary>
    public async Task TellAsync(string method, params object?[] arguments)
    {
        try
        {
            if (_half is { } half)
            {
                await half.InvokeVoidAsync(method, arguments);
            }
        }
        catch (JSDisconnectedException)
        {
            // The page has gone; its script with it.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _turn++;
        try
        {
            await CloseAsync();
        }
        catch (JSDisconnectedException)
        {
            // The page has gone; its script with it.
        }
    }

    private async Task CloseAsync()
    {
        if (_half is { } half)
        {
            _half = null;
            await EndAsync(half);
        }
    }

    private static async Task EndAsync(IJSObjectReference half)
    {
        await half.InvokeVoidAsync("dispose");
        await half.DisposeAsync();
    }
}

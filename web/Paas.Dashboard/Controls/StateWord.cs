namespace Paas.Dashboard.Controls;

/// <summary>How one state looks and is called. Never colour alone: the shape differs too.</summary>
/// <param name="Tone">Names the colour: --tone-ok and so on in tokens.css.</param>
/// <param name="Shape">Class of the drawing: filled, outline, or ring (which turns).</param>
/// <param name="Drawing">On a 12 px grid.</param>
public sealed record StateWord(string Text, string Tone, string Shape, string Drawing)
{
    private const string Dot = "M6 2a4 4 0 1 0 0 8 4 4 0 0 0 0-8";
    private const string Ring = "M6 1.8a4.2 4.2 0 1 1-4.2 4.2";
    private const string Half = "M6 1.8a4.2 4.2 0 1 0 0 8.4zM6 1.8a4.2 4.2 0 0 1 0 8.4";
    private const string Square = "M2.2 2.2h7.6v7.6H2.2z";
    private const string Moon = "M7.2 1.8a4.4 4.4 0 1 0 3 6.6A3.6 3.6 0 0 1 7.2 1.8";
    private const string Dash = "M2.5 6h7";

    /// <param name="state">Of an app, a deploy or an instance; a word that is not known is shown as it is.</param>
    public static StateWord Of(string state) => state switch
    {
        "live" => new("Live", "ok", "filled", Dot),
        "deploying" => new("Deploying", "busy", "ring", Ring),
        "building" => new("Building", "busy", "ring", Ring),
        "releasing" => new("Releasing", "busy", "ring", Ring),
        "starting" => new("Starting", "busy", "ring", Ring),
        "degraded" => new("Degraded", "warn", "half", Half),
        "restarting" => new("Restarting", "warn", "half", Half),
        "down" => new("Down", "bad", "filled", Square),
        "failed" => new("Failed", "bad", "filled", Square),
        "rebased" => new("Rebased", "ok", "filled", Dot),
        "refused" => new("Refused", "warn", "half", Half),
        "sleeping" => new("Sleeping", "quiet", "filled", Moon),
        "stopping" => new("Stopping", "quiet", "filled", Moon),
        "empty" => new("Empty", "quiet", "outline", Dot),
        "cancelled" => new("Cancelled", "quiet", "line", Dash),
        "superseded" => new("Superseded", "quiet", "line", Dash),
        "interrupted" => new("Interrupted", "warn", "half", Half),
        "gone" => new("Gone", "quiet", "outline", Dot),
        _ => new(state, "quiet", "outline", Dot),
    };
}

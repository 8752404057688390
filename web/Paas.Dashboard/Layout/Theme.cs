using Microsoft.AspNetCore.Http;

namespace Paas.Dashboard.Layout;

/// <summary>Light, dark, or as the system has it: a cookie says, so that the first paint is right. start.js writes it.</summary>
/// <param name="Choice">"light", "dark" or "system".</param>
public sealed record Theme(string Choice)
{
    public static Theme Of(HttpContext context) => new(context.Request.Cookies["theme"] is ("light" or "dark") and var choice ? choice : "system");

    /// <summary>When the light, or the dark, sheet applies: a media query.</summary>
    public string MediaOf(string sheet) => Choice == "system" ? $"(prefers-color-scheme: {sheet})" : Choice == sheet ? "all" : "not all";
}

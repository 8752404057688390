using Microsoft.EntityFrameworkCore;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddDbContext<Notes>(options => options.UseSqlite("Data Source=/tmp/notes.db"));
var app = builder.Build();
using (var scope = app.Services.CreateScope())
{
    scope.ServiceProvider.GetRequiredService<Notes>().Database.EnsureCreated();
}

app.MapGet("/", (IConfiguration settings) => $"{settings["Greeting"]} from {app.Environment.EnvironmentName}");
app.MapPost("/notes/{text}", async (string text, Notes notes) =>
{
    notes.All.Add(new Note { Text = text });
    await notes.SaveChangesAsync();
    return Results.Ok(await notes.All.CountAsync());
});
app.MapGet("/notes", (Notes notes) => notes.All.Select(note => note.Text));
app.Run();

internal sealed class Notes(DbContextOptions<Notes> options) : DbContext(options)
{
    public DbSet<Note> All => Set<Note>();
}

internal sealed class Note
{
    public int Id { get; set; }

    public required string Text { get; set; }
}

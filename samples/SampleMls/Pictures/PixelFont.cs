namespace ImagePipeline.SampleMls.Pictures;

/// <summary>
/// Letters of 5×7 dots: a server has no fonts to rely on. Upper-case letters, digits and the dash; anything else is a space.
/// </summary>
static class PixelFont
{
    public const int Rows = 7;

    /// <summary>Dots from one letter to the next.</summary>
    public const int Advance = 6;

    const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

    // Seven rows a letter, five bits a row, leftmost dot highest; rows as one base-32 digit each.
    const string Shapes =
        "EHHVHHH" + "UHHUHHU" + "EHGGGHE" + "UHHHHHU" + "VGGUGGV" + "VGGUGGG" + "EHGNHHF" + "HHHVHHH" + "E44444E" + "72222IC" +
        "HIKOKIH" + "GGGGGGV" + "HRLLHHH" + "HHPLJHH" + "EHHHHHE" + "UHHUGGG" + "EHHHLID" + "UHHUKIH" + "FGGE11U" + "V444444" +
        "HHHHHHE" + "HHHHHA4" + "HHHLLLA" + "HHA4AHH" + "HHA4444" + "V1248GV" +
        "EHJLPHE" + "4C4444E" + "EH1248V" + "V2421HE" + "26AIV22" + "VGU11HE" + "68GUHHE" + "V124888" + "EHHEHHE" + "EHHF12C" + "000V000";

    /// <summary>Whether the dot at a column and row of a line of text is set.</summary>
    public static bool IsSet(string text, int column, int row)
    {
        var (place, dot) = (column / Advance, column % Advance);
        if (column < 0 || row is < 0 or >= Rows || place >= text.Length || dot == Advance - 1) return false;
        var letter = Letters.IndexOf(text[place], StringComparison.Ordinal);
        if (letter < 0) return false;
        var digit = Shapes[letter * Rows + row];
        return ((digit <= '9' ? digit - '0' : digit - 'A' + 10) & (16 >> dot)) != 0;
    }
}

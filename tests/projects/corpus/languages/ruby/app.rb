# A class.
class App
  def run
    puts "# text" # said
  end

=begin
puts "gone"
=end
  X = 1
end
